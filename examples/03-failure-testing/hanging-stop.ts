import { service, supervisor } from 'daruma';

/** An uploader that waits for an answer, also from a store that is gone. */
export function makeUploads() {
  const store = service('store', {
    start: (ctx) => ({
      // A connection that is closed answers nobody.
      put: () =>
        new Promise<void>((resolve) => {
          ctx.sleep('50ms').then(resolve, () => {});
        }),
    }),
  });

  let upload = Promise.resolve();
  const uploader = service(
    'uploader',
    {
      needs: { store },
      stopWithin: '2s',
      // Bug: the last upload is waited for, and nothing says for how long.
      stop: () => upload,
    },
    async (ctx) => {
      const { store } = ctx.needs;
      for (;;) {
        await ctx.sleep('100ms');
        upload = store.put();
      }
    },
  );

  return supervisor('uploads', [store, uploader]);
}
