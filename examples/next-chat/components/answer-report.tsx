import { formatUsd, type MessageReport, type MessageStep } from 'ai-composite/ui';
import { formatCount, formatTime } from '@/lib/format';
import { Waterfall } from './waterfall';

/** One line about an answer, which unfolds to all its attempts. */
export function AnswerReport({ report }: { readonly report: MessageReport }) {
  const steps = Object.values(report.steps);
  const first = steps[0];
  const failed = [...new Set(steps.flatMap(failedIn))].filter(name => name !== report.candidate);
  const tokens = (report.usage.inputTokens ?? 0) + (report.usage.outputTokens ?? 0);
  return (
    <details className="report">
      <summary>
        <span className="served">{report.candidate ?? 'No answer'}</span>
        {failed.length > 0 && (
          <span className="after">
            {report.candidate !== undefined && 'after '}
            {failed.length > 2 ? formatCount(failed.length, 'model') : names.format(failed)} failed
          </span>
        )}
        <span className="figures">
          {first?.firstChunkMs !== undefined && <span>first words {formatTime(first.firstChunkMs)}</span>}
          {tokens > 0 && <span>{formatCount(tokens, 'token')}</span>}
          <span>{formatUsd(report.cost)}</span>
        </span>
      </summary>
      {Object.entries(report.steps).map(([index, step]) => (
        <Waterfall key={index} step={step} {...(steps.length > 1 && { number: Number(index) + 1 })} />
      ))}
    </details>
  );
}

const names = new Intl.ListFormat('en', { type: 'conjunction' });

function failedIn({ attempts }: MessageStep): ReadonlyArray<string> {
  return attempts.filter(({ outcome }) => outcome === 'failure').map(({ candidate }) => candidate);
}
