/**
 * Opens a broken stream of the OpenAI Responses API again, where it broke.
 *
 * @packageDocumentation
 */

export { type ResumableFetchSettings, resumableFetch } from './resumable-fetch.ts';
