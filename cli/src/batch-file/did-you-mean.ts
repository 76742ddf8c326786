import { nearest } from "@polyreel/contract";

/** `Did you mean "x"?`, or undefined where none of the names is near. */
export function didYouMean(name: string, names: Iterable<string>): string | undefined {
  const near = nearest(name, names);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}
