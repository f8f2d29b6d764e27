/** Runs for each test file: hooks of a module that files share belong to the first that imports it. */
import { afterEach } from 'vitest';
import { cleanUp } from './clean-up.ts';

afterEach(cleanUp);
