import type { ReactNode } from 'react';

/** The text of an answer with its code set as code; everything else stays as it was written. */
export function AnswerText({ text }: { readonly text: string }) {
  return (
    <div className="answer-text">
      {/* Every second piece is between two fences; the last one may still be open. */}
      {pieces({ text, between: /^```/m }).map(({ at, piece, isInside }) =>
        isInside ? <CodeBlock key={at} code={piece} /> : <Prose key={at} text={piece} />,
      )}
    </div>
  );
}

function CodeBlock({ code }: { readonly code: string }) {
  // Behind the fence is the name of the language.
  return (
    <pre>
      <code>{code.slice(code.indexOf('\n') + 1).trimEnd()}</code>
    </pre>
  );
}

function Prose({ text }: { readonly text: string }): ReactNode {
  return pieces({ text, between: /\n{2,}/ })
    .filter(({ piece }) => piece.trim() !== '')
    .map(({ at, piece: paragraph }) => (
      <p key={at}>
        {pieces({ text: paragraph.trim(), between: /`/ }).map(({ at: place, piece, isInside }) =>
          isInside ? <code key={place}>{piece}</code> : piece,
        )}
      </p>
    ));
}

/** The pieces of a text with the place where each begins, which stays the same while the text grows. */
function pieces({ text, between }: { readonly text: string; readonly between: RegExp }) {
  let at = 0;
  return text.split(between).map((piece, index) => {
    const own = { at, piece, isInside: index % 2 === 1 };
    at += piece.length + 1;
    return own;
  });
}
