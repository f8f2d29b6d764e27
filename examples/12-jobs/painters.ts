import { currentJob, service, worker } from 'daruma';
import { news, pictures } from './queues.ts';

/** Shared by all jobs of this process. */
const brushes = service('brushes', {
  start: (ctx) => {
    ctx.log.info('takes the brushes out');
    return { stroke: () => ctx.random() };
  },
});

/** Of one job alone: set up when it is first touched, put away however the job ends. */
class Easel {
  strokes = 0;
  readonly #log;

  constructor(log: { info(text: string): void }) {
    this.#log = log;
    log.info('sets up an easel');
  }

  async [Symbol.asyncDispose]() {
    this.#log.info(`puts the easel away, after ${this.strokes} strokes`);
  }
}

const painter = worker(
  pictures,
  { concurrency: 2, needs: { brushes }, perJob: { easel: (job) => new Easel(job.log) } },
  async (job) => {
    const { name, strokes } = job.payload;
    // It cannot tell which of the two belongs to the job and which to the process.
    const { easel, brushes } = job.needs;
    for (let stroke = 1; stroke <= strokes; stroke++) {
      // Rejects as soon as the job is called off, or the painter stops.
      await job.sleep('100ms');
      easel.strokes += Math.ceil(brushes.stroke());
      job.progress({ done: stroke, total: strokes });
      if (job.attempt === 1 && stroke === 2) throw new Error('the paint has run out');
    }
    // The picture, the news of it and the completion of the job: all of it, or nothing.
    return await job.transaction(async (tx) => {
      const painted = { file: `/gallery/${name}.png`, strokes };
      await tx.set(`painted/${name}`, painted);
      await tx.enqueue(news, `${name} hangs in the gallery`, { key: name });
      return painted;
    });
  },
);

/** Knows whom its news is for without being told. */
function greeting(): string {
  return `to ${currentJob().workspaceId ?? 'everybody'}`;
}

const crier = worker(news, (job) => {
  job.log.info(`cries ${greeting()}: ${job.payload}`);
});

export const painters = [brushes, painter, crier];
