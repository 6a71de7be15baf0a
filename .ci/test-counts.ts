// Prints "passed failed" of a vitest run: node .ci/test-counts.ts REPORT EXIT-STATUS
import { readFileSync } from 'node:fs';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Test files that failed on their own, outside every test: they did not load, or a hook threw. */
function failedFiles({ testResults }: VitestReport): number {
  const failed = testResults.filter(file => file.status === 'failed');
  return failed.filter(file => file.assertionResults.every(test => test.status !== 'failed')).length;
}

const [file = '', exitStatus = ''] = process.argv.slice(2);
// The one cast: vitest has just written the file.
const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
const failed = report.numFailedTests + failedFiles(report);
// An error outside every test and file (an unhandled rejection, a type error in the sources) shows only in the exit status.
const unseen = failed === 0 && (exitStatus !== '0' || report.numPassedTests === 0) ? 1 : 0;
console.log(report.numPassedTests, failed + unseen);
