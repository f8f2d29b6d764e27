import { describe, expect, it } from 'vitest';
import { darumaVariables, meaningOf, settingOf, variableFor } from '../../src/define/config-env.ts';

describe('variables of the environment', () => {
  const paths = ['app', 'app/feed', 'app/price-feed', 'app/feed__x', 'app/edge/feed'];

  it.each([
    ['DARUMA__app__feed__url', 'app/feed', ['url']],
    ['DARUMA__app__feed__retry__times', 'app/feed', ['retry', 'times']],
    ['DARUMA__app__url', 'app', ['url']],
    ['DARUMA__app__feed', 'app/feed', []],
    ['DARUMA__app__feed__x__url', 'app/feed__x', ['url']],
    ['DARUMA__APP__PRICE_FEED__url', 'app/price-feed', ['url']],
    ['DARUMA__APP__EDGE__FEED__URL', 'app/edge/feed', ['URL']],
    ['DARUMA__app__feeds__url', 'app', ['feeds', 'url']],
  ])('%s sets %s %j', (name, path, keys) => {
    expect(settingOf(name, paths)).toEqual({ path, keys });
  });

  it.each([['DARUMA__other__url'], ['DARUMA__'], ['DARUMA__app__'], ['DARUMA__ap__x']])(
    '%s sets nothing',
    (name) => {
      expect(settingOf(name, paths)).toBeUndefined();
    },
  );

  it('are only those with the prefix', () => {
    const env = {
      DARUMA__b: '1',
      DARUMA__a: '2',
      DARUMA_LOG: 'x',
      HOME: '/',
      DARUMA__c: undefined,
    };

    expect(darumaVariables(env)).toEqual([
      ['DARUMA__a', '2'],
      ['DARUMA__b', '1'],
    ]);
  });

  it('have a name for every key', () => {
    expect(variableFor('app/price-feed', ['retry', 'times'])).toBe(
      'DARUMA__app__price_feed__retry__times',
    );
  });

  it.each([
    ['8080', 8080],
    ['true', true],
    ['["a"]', ['a']],
    ['"8080"', '8080'],
    ['hello', 'hello'],
    ['', ''],
    ['{broken', '{broken'],
  ])('%s means %j', (text, value) => {
    expect(meaningOf(text)).toEqual(value);
  });
});
