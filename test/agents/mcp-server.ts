import type { MCPTransport } from '@ai-sdk/mcp';

/** An MCP server with one tool, in this process: what it is asked for it answers at once. */
export function mcpServer({
  run,
}: {
  readonly run: (input: unknown) => string;
}): MCPTransport & { readonly asked: ReadonlyArray<string> } {
  const asked: string[] = [];
  const resultOf = ({ method, params }: { readonly method: string; readonly params?: unknown }): object => {
    switch (method) {
      case 'initialize':
        return {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'weather', version: '1' },
        };
      case 'tools/list':
        return {
          tools: [
            {
              name: 'weather',
              description: 'Tells the weather.',
              inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            },
          ],
        };
      default:
        return { content: [{ type: 'text', text: run(params) }] };
    }
  };
  const transport: MCPTransport = {
    start: async () => {},
    close: async () => transport.onclose?.(),
    send: async message => {
      if (!('method' in message)) return;
      asked.push(message.method);
      if ('id' in message)
        transport.onmessage?.({ jsonrpc: '2.0', id: message.id, result: { ...resultOf(message) } });
    },
  };
  return Object.assign(transport, { asked });
}
