/**
 * Sends the errors of a UI message stream behind everything else. `useChat` reads nothing that comes after an error, and the
 * SDK sends the metadata of a failed answer after it.
 *
 * @example
 * createUIMessageStreamResponse({ stream: errorsLast(toUIMessageStream({ stream, messageMetadata })) });
 */
export function errorsLast<CHUNK extends { readonly type: string }>(
  stream: ReadableStream<CHUNK>,
): ReadableStream<CHUNK> {
  const errors: CHUNK[] = [];
  return stream.pipeThrough(
    new TransformStream<CHUNK, CHUNK>({
      transform: (chunk, controller) => {
        if (chunk.type === 'error') errors.push(chunk);
        else controller.enqueue(chunk);
      },
      flush: controller => {
        for (const error of errors) controller.enqueue(error);
      },
    }),
  );
}
