import fc from 'fast-check';

/** Any text of UTF-16 code units, halves of characters too. The `binary` unit of fast-check takes a second to prepare. */
export const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((codes) => String.fromCharCode(...codes));
