const disposals: (() => unknown)[] = [];

/** Is called when the test that runs now is over; the latest first. */
export function afterThisTest(dispose: () => unknown): void {
  disposals.push(dispose);
}

/** One that fails keeps none of the others from being called. */
export async function cleanUp(): Promise<void> {
  const errors: unknown[] = [];
  for (const dispose of disposals.splice(0).reverse()) {
    try {
      await dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the clean-up failed');
}
