// Checks the lockfiles: every package that one of their packages names is locked, so `npm ci` works on every platform
// (npm leaves out a native package it could not find and says nothing); no entry says where to download from; versions
// written in package.json are exact. Prints each problem and exits with 1.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

type Ranges = Readonly<Record<string, string>>;

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly dependencies?: Ranges;
  readonly optionalDependencies?: Ranges;
  readonly devDependencies?: Ranges;
  readonly peerDependencies?: Ranges;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The platforms people develop on; a package with native parts for one of them has to have all of them. */
const platforms = [/darwin-arm64/, /linux-arm64/, /linux-x64/, /win32-x64/];

/** What `name` means to the package at `location`: the nearest node_modules that has it, as Node looks it up. */
function isLocked({
  packages,
  location,
  name,
}: {
  packages: LockedPackages;
  location: string;
  name: string;
}): boolean {
  for (
    let folder = location;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))
  ) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

/** Every name an install of this package needs on some platform. */
function neededNames(locked: LockedPackage): readonly string[] {
  const peers = Object.keys(locked.peerDependencies ?? {});
  return [
    ...Object.keys({ ...locked.dependencies, ...locked.optionalDependencies, ...locked.devDependencies }),
    ...peers.filter(name => locked.peerDependenciesMeta?.[name]?.optional !== true),
  ];
}

/** Platforms missing from a package's own list of native packages: the registry's copy of it is incomplete. */
function missingPlatforms(locked: LockedPackage): readonly string[] {
  // What is for one platform only may have a part of its own for it.
  if (locked.os !== undefined) return [];
  const native = Object.keys(locked.optionalDependencies ?? {}).filter(name => /linux-x64/.test(name));
  if (native.length === 0) return [];
  const names = Object.keys(locked.optionalDependencies ?? {}).join(' ');
  return platforms.filter(platform => !platform.test(names)).map(platform => platform.source);
}

/** Problems of one entry, each a line for the reader. */
function entryProblems({
  packages,
  location,
}: {
  packages: LockedPackages;
  location: string;
}): readonly string[] {
  const locked = packages[location] ?? {};
  const label = location === '' ? 'package.json' : location;
  // An example takes the library from the folder that it is in.
  const isHere = locked.resolved === 'file:../..';
  const missing = neededNames(locked).filter(name => !isLocked({ packages, location, name }));
  return [
    ...missing.map(name => `${label} needs ${name}, which is not locked`),
    ...(location === ''
      ? []
      : missingPlatforms(locked).map(platform => `${label} has nothing for ${platform}`)),
    ...(locked.resolved === undefined || isHere ? [] : [`${label} names a download address`]),
    ...(location === '' || isHere || locked.integrity !== undefined ? [] : [`${label} has no integrity`]),
  ];
}

/** Ranges in package.json that are not one exact version; what users share with their own app may be a range. */
function looseVersions(root: LockedPackage): readonly string[] {
  const pinned = { ...root.optionalDependencies, ...root.devDependencies };
  const loose = Object.entries(pinned).filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range));
  return loose.map(([name, range]) => `package.json asks for ${name} ${range}: write one exact version`);
}

function lockfileProblems(file: string): readonly string[] {
  // The one cast: npm wrote the file, so it has npm's shape.
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { readonly packages: LockedPackages };
  const locations = Object.keys(packages);
  const problems = locations.flatMap(location => entryProblems({ packages, location }));
  return [...problems, ...looseVersions(packages[''] ?? {})].map(problem => `${file}: ${problem}`);
}

const projects = readdirSync('test/installed/projects').map(name => `test/installed/projects/${name}`);
const folders = [
  '.',
  '.ci/node',
  '.ci/reference',
  'test/bench',
  'test/browser',
  'examples/next-chat',
  ...projects,
];
const problems = folders.flatMap(folder => lockfileProblems(path.join(folder, 'package-lock.json')));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
