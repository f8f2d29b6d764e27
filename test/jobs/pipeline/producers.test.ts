import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pipeline, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Faucet, started } from './mill.ts';

describe('a producer', () => {
  it('is not asked for anything before every service, handler and consumer is ready', async () => {
    const faucet = new Faucet<number>();
    const seen: string[] = [];
    faucet.put(1);
    const slow = (name: string) =>
      service(name, {
        start: async (ctx) => {
          await ctx.sleep('2s');
          seen.push(`${name} is ready, ${faucet.asked} were asked for`);
        },
      });
    const [database, mail] = [slow('database'), slow('mail')];
    const lab = new Lab(
      supervisor('app', { start: 'parallel' }, [
        pipeline('p')
          .producer('tap', faucet)
          .always('store', { needs: { database } }, (n) => n)
          .consumer('tell', { needs: { mail } }, (n) => void seen.push(`told of ${n}`)),
        database,
        supervisor('outside', [slow('disk'), mail]),
      ]),
    );
    void lab.begin();
    await lab.clock.advance(3_999);
    expect(seen).toEqual([
      'database is ready, 0 were asked for',
      'disk is ready, 0 were asked for',
    ]);

    await lab.clock.advance(1);
    expect(seen.slice(2)).toEqual(['mail is ready, 0 were asked for', 'told of 1']);
    await lab.stop();
  });

  it('is fed by a service, for as long as that is up', async () => {
    const lives: Subject<string>[] = [];
    const feed = service('feed', {
      start: () => {
        lives.push(new Subject());
        return { messages$: lives.at(-1) as Subject<string> };
      },
    });
    const seen: string[] = [];
    const lab = new Lab(
      supervisor('app', [
        feed,
        pipeline('p')
          .producer('messages', { needs: { feed } }, (ctx) => ctx.needs.feed.messages$)
          .always('all', (message, { item }) => void seen.push(`${message} of ${item.producer}`)),
      ]),
    );
    await lab.start();
    lives[0]?.next('one');
    await lab.clock.settle();
    expect(seen).toEqual(['one of messages']);

    await lab.until(lab.system.ref('app/feed').stop());
    expect(lives[0]?.observed).toBe(false);
    expect(lab.system.ref('app/p/producers/messages').status()).toBe('waiting');
    expect(lab.system.ref('app/p/handlers/all').status()).toBe('running');

    await lab.until(lab.system.ref('app/feed').start());
    lives[1]?.next('two');
    await lab.clock.settle();
    expect(seen).toEqual(['one of messages', 'two of messages']);
  });

  it('shares its pipeline with others, whatever kinds they are', async () => {
    const subject = new Subject<string>();
    const faucet = new Faucet<string>();
    const seen: string[] = [];
    const lab = await started(
      pipeline('p')
        .producer('list', ['listed'])
        .producer('subject', subject)
        .producer('faucet', faucet)
        .always('all', (word, { item }) => `${word} by ${item.producer}`)
        .consumer('keep', (line) => void seen.push(line)),
    );
    faucet.put('pulled');
    subject.next('pushed');
    await lab.clock.settle();

    expect(seen.toSorted()).toEqual(['listed by list', 'pulled by faucet', 'pushed by subject']);
  });
});
