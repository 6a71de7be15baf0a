/** How a call is made: a stream's first output and a whole generated answer are two speeds of one model. */
export type CallType = 'generate' | 'stream';
