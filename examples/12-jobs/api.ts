import { supervisor } from 'daruma';
import { api } from './server.ts';

/** The process that takes orders. */
export default supervisor('studio', [api]);
