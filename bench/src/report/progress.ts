export interface Begun {
  readonly title: string;
  readonly number: number;
  readonly count: number;
}

export interface ShownProgress extends Disposable {
  /** Shows that one begins. */
  readonly print: (begun: Begun) => void;
  /** Shows that one is skipped, and why. */
  readonly leaveOut: (title: string, why: string) => void;
}

const REDRAW_MS = 1_000;
const CLEAR_LINE = "\r\x1b[2K";

/** Shows the running benchmark: one updated line on a terminal, otherwise a line for each. */
export function showProgress(to: Pick<NodeJS.WriteStream, "write" | "isTTY">): ShownProgress {
  const leaveOut = (title: string, why: string) =>
    void to.write(`${to.isTTY ? CLEAR_LINE : ""}${title}: left out. ${why}\n`);
  let line = "";
  let began = 0;
  if (!to.isTTY) {
    return { print: (begun) => void to.write(`${described(begun)} ...\n`), leaveOut, [Symbol.dispose]: () => {} };
  }
  const draw = () => to.write(`${CLEAR_LINE}${line} ... ${Math.round((performance.now() - began) / 1000)} s`);
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    print: (begun) => {
      began = performance.now();
      line = described(begun);
      draw();
    },
    leaveOut,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      to.write(CLEAR_LINE);
    },
  };
}

const described = ({ title, number, count }: Begun): string => `${number}/${count} ${title}`;
