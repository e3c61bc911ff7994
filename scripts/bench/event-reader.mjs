/** Calls back with the answer of each event of a stream, and with how many bytes came. */
export function readEvents(response, onAnswer) {
  let text = '';
  let bytes = 0;
  response.setEncoding('utf8');
  response.on('error', () => {});
  response.on('data', (chunk) => {
    bytes += Buffer.byteLength(chunk);
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      if (block.startsWith('event: next')) onAnswer(JSON.parse(block.slice('event: next\ndata: '.length)));
    }
  });
  return { bytes: () => bytes };
}
