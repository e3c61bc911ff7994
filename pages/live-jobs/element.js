/** Makes an element with these properties, such as `className`, and with these texts and elements in it. */
export function element(tag, properties = {}, ...content) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...content);
  return made;
}

/** The element of the page with this id. */
export function find(id) {
  return document.getElementById(id);
}
