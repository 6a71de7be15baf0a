import { type CostTotal, formatUsd } from 'ai-composite/ui';
import { formatCount } from '@/lib/format';

/** The name of the app, and what the conversation has cost. */
export function Header({
  questions,
  total,
  panel,
}: {
  readonly questions: number;
  readonly total: CostTotal;
  readonly panel: { readonly isOpen: boolean; readonly toggle: () => void } | undefined;
}) {
  return (
    <header className="header">
      <div className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 9h11M6 16h20M6 23h15" />
        </svg>
        <span className="brand-name">Composite chat</span>
      </div>
      {questions > 0 && (
        <p
          className="total"
          title={total.incomplete > 0 ? 'Some of it is not known, so it is at least this.' : undefined}
        >
          <span className="total-label">{formatCount(questions, 'question')}</span>
          <strong>{total.usdExact === undefined ? 'cost not known' : formatUsd(total)}</strong>
        </p>
      )}
      {panel !== undefined && (
        <button
          type="button"
          className="button panel-toggle"
          aria-expanded={panel.isOpen}
          aria-controls="faults"
          onClick={panel.toggle}
        >
          Break it
        </button>
      )}
    </header>
  );
}
