/** A server on loopback that answers every request with one stream of chat completions; tells its parent its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const chunks = 200;
const event = (choices: unknown, rest: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...rest })}\n\n`;
const body = [
  event([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  ...Array.from({ length: chunks }, () =>
    event([{ index: 0, delta: { content: 'tok ' }, finish_reason: null }]),
  ),
  event([{ index: 0, delta: {}, finish_reason: 'stop' }]),
  event([], { usage: { prompt_tokens: 10, completion_tokens: chunks, total_tokens: 10 + chunks } }),
  'data: [DONE]\n\n',
].join('');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(body);
  });
});
// A busy machine pauses between two requests; a connection that closes meanwhile would be measured as a failure.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
