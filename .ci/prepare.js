// npm's `dependencies` script: npm runs it in this checkout alone, after every change of node_modules. A `prepare` would be in
// the published package.json too, where npm takes it for an install script and warns of it.
//
// TypeScript runs as it is from Node 22.18 on, and the tools need that as well. On an older Node this gives
// the checkout a locked Node of its own: npm puts node_modules/.bin first in PATH, so a `node` in there is the one that
// every npm script, npx and npm exec runs on. Plain JavaScript, because an old Node has to read it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeFolder = fileURLToPath(new URL('node', import.meta.url));
const binFolder = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));

/** True from 22.18 on. Not for 23, which the tools left out. */
function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

/** Runs npm in the folder of the locked Node; undefined when it works, else what went wrong. */
function installLockedNode() {
  const npmScript = process.env.npm_execpath;
  const [command, ...first] = npmScript?.endsWith('npm-cli.js') ? [process.execPath, npmScript] : ['npm'];
  // On the command line, where it wins over what the outer npm hands down through the environment (--prefix, --omit).
  const options = [
    '--prefix',
    nodeFolder,
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  const { status, stderr, error } = spawnSync(command, [...first, 'ci', ...options], {
    cwd: nodeFolder,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Links the locked Node into node_modules/.bin and returns its version; undefined when it does not run on this machine. */
function linkLockedNode(packageName) {
  const binary = path.join(nodeFolder, 'node_modules', packageName, 'bin', 'node');
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const link = path.join(binFolder, 'node');
  mkdirSync(binFolder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(path.relative(binFolder, binary), link);
  return stdout.trim();
}

/** The one line that says which Node the scripts have, or what the reader has to do. An install never fails over it. */
function prepareNode() {
  const packageName = `node-${process.platform}-${process.arch}`;
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(nodeFolder, 'package.json'), 'utf8'));
  const request = `This is Node ${process.versions.node}: please install Node 22.18 or newer to run the scripts and tests here.`;
  if (!(packageName in optionalDependencies)) return request;

  const problem = installLockedNode();
  if (problem !== undefined) return `${request} (The locked Node could not be installed: ${problem})`;
  const version = linkLockedNode(packageName);
  if (version === undefined)
    return `${request} (The locked Node could not be downloaded or does not run on this machine.)`;
  return `This is Node ${process.versions.node}; scripts and tests here run on a local Node ${version}.`;
}

if (!isNewEnough()) console.log(prepareNode());
