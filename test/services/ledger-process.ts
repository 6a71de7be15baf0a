/** One of many processes that write one ledger: calls of its own, and some that another one writes too. */
import { Pool } from 'pg';
import { openLedger } from '../../src/ledger/index.ts';
import { callEnd } from '../ledger/calls.ts';

const [url = '', name = '', count = '0'] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: 4 });
const ledger = await openLedger({ postgres: pool, flushMs: 5 });
for (let index = 0; index < Number(count); index++) {
  const id = index % 10 === 0 ? `shared-${index}` : `${name}-${index}`;
  ledger.onCallEnd(callEnd({ id, tags: { writer: index % 10 === 0 ? 'all' : name } }));
}
process.send?.('begun');
await ledger.close();
await pool.end();
