const questions = [
  'Why is the sky blue?',
  'Write a debounce function in TypeScript.',
  'Name a café on the dark side of the moon.',
];

/** What stands where no message is yet. */
export function Welcome({ isDemo, ask }: { readonly isDemo: boolean; readonly ask: (text: string) => void }) {
  return (
    <section className="welcome">
      <h2>One chat, several models.</h2>
      <p>
        Every question goes to the model that suits it. If that one fails, the next answers, and the line
        below the answer says who did, what went wrong before, and what it cost.
      </p>
      {isDemo && (
        <p>
          No provider keys were found, so the answers are simulated. Break a provider and see what happens.
        </p>
      )}
      <ul className="suggestions">
        {questions.map(text => (
          <li key={text}>
            <button type="button" className="suggestion" onClick={() => ask(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
