// CommonJS takes the package with require().
const { createComposite } = require('ai-composite');
const { openLedger } = require('ai-composite/ledger');

console.log(typeof createComposite, typeof openLedger);
