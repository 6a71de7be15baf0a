// Imports an entry and prints every module that this loads: files of the package by their path in it, others by name.
import { registerHooks } from 'node:module';

const own = new URL('node_modules/ai-composite/', import.meta.url).href;
const files = new Set<string>();
const packages = new Set<string>();
registerHooks({
  resolve: (name, context, next) => {
    const found = next(name, context);
    if (found.url.startsWith(own)) files.add(found.url.slice(own.length));
    // What a package of others loads is its own affair.
    else if (context.parentURL?.startsWith(own)) packages.add(name);
    return found;
  },
});
await import(process.argv[2] ?? '');
console.log(JSON.stringify({ files: [...files], packages: [...packages].sort() }));
