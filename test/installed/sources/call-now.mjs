// Where Node, Bun and Deno begin; the addresses come with the command.
import { call } from './call.mjs';

const [refusing, answering] = process.argv.slice(2);
console.log(await call({ refusing, answering }));
