export { type ResumableFetchSettings, resumableFetch } from './resumable-fetch.ts';
