import { expose } from 'comlink';
import { openLibrary } from './library.ts';

// Everything that is done with kept recordings happens here, so that the page never waits for it.
expose(openLibrary());
