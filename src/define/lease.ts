/**
 * What lets one replica do what only one may do at a time. Every change of hands has a higher token:
 * whatever is asked to refuse lower ones is safe from somebody who has not noticed yet that his lease
 * has run out.
 */
export interface Lease {
  /** The path of its singleton. */
  readonly name: string;
  readonly token: number;
}
