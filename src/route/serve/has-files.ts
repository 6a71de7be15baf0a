import type { LanguageModelV4Prompt } from '../../provider/sdk-types.ts';

/** True where the conversation has a file, or a link to one: of the user's, or in a tool's result. */
export function hasFiles(prompt: LanguageModelV4Prompt): boolean {
  return prompt.some(({ role, content }) => {
    if (role === 'user') return content.some(({ type }) => type === 'file');
    // What else a tool's result may hold, the full reading tells.
    return (
      role === 'tool' && content.some(part => part.type === 'tool-result' && part.output.type === 'content')
    );
  });
}
