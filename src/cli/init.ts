export function init(_dir: string): number {
  return 0;
}
