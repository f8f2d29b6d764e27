import { supervisor } from 'daruma';
import { painters } from './painters.ts';

/** The process that paints: as many of them as you like. */
export default supervisor('studio', painters);
