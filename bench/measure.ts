/** One measurement in a process of its own: `node bench/measure.ts NAME CONTENDER CASE quick|full`. */
import type { Bench } from './bench.ts';

const [name = '', contender = '', nameOfCase = '', size = ''] = process.argv.slice(2);
const { default: bench } = (await import(`./list/${name}.ts`)) as { default: Bench };
const measurement = { contender, case: nameOfCase, isQuick: size === 'quick' };
console.log(JSON.stringify(await bench.run(measurement)));
