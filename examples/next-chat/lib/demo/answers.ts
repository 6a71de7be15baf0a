import type { Answer, ReceivedRequest } from 'ai-composite/testing';

/** What the fault server says: no model runs. */
const answers: ReadonlyArray<{ readonly when: RegExp; readonly text: string }> = [
  {
    when: /debounce|function|typescript|code/i,
    text: `Here is one without dependencies. Each call replaces the one that is still waiting, so \`run\` happens once, after the last of them.

\`\`\`ts
export function debounce(run: () => void, delayMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  };
}
\`\`\`

Call \`clearTimeout\` on unmount as well if it lives in a component.`,
  },
  {
    when: /name|café|cafe|poem|write/i,
    text: `The Quiet Side.

It sits on the rim of a crater that never sees Earth, so the only light is the lamp over the counter and the only sound is the grinder. Regulars come for the silence and stay for the plum cake, which rises beautifully at a sixth of the weight.`,
  },
  {
    when: /sky|blue|why/i,
    text: `Sunlight holds every colour, and air scatters the short waves far more than the long ones: blue about four times as much as red. So blue reaches you from every part of the sky, while the rest comes more or less straight from the sun.

At sunset the light crosses much more air. Most of the blue has been scattered away before it arrives, and what is left is orange and red.`,
  },
];

const other = `This answer comes from the fault server that runs inside the app, because no provider key was found. It streams word by word, over HTTP, through the same provider packages as a real one.

Break a provider in the panel and ask again: the answer comes from somebody else, and the line below it says who failed, how, and what that cost.`;

/** An answer for the latest question in a request, whatever protocol it came in. */
export function answerTo({ body }: ReceivedRequest): Answer {
  const texts = textsIn(body);
  const question = texts.at(-1) ?? '';
  const text = answers.find(({ when }) => when.test(question))?.text ?? other;
  // A word with what is behind it is about what a model writes at a time.
  const pieces = text.match(/\S+\s*/g) ?? [text];
  return {
    text: pieces,
    usage: {
      inputTokens: Math.ceil(texts.join(' ').length / 4) + 12,
      outputTokens: Math.ceil(text.length / 4),
    },
  };
}

/** Every `text`, and every `content` that is one, in their order. */
function textsIn(value: unknown): ReadonlyArray<string> {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, own]) => {
    if (typeof own === 'string') return name === 'text' || name === 'content' ? [own] : [];
    return textsIn(own);
  });
}
