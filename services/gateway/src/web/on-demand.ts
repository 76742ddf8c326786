import type { Handler } from "../server/one-port.js";

/**
 * A handler that is opened for its first request: `polyreel render` has a gateway too, and serves nothing but its own calls.
 * If that fails, `fail` answers, and the next request tries again.
 */
export function onDemand(
  open: () => Promise<Handler>,
  fail: (error: unknown, response: Parameters<Handler>[1]) => void,
): Handler {
  let opened: Promise<Handler> | undefined;
  return (request, response) => {
    let left = false;
    response.once("close", () => {
      left = true;
    });
    opened ??= open();
    opened.then(
      (handler) => {
        if (!left) handler(request, response);
      },
      (error: unknown) => {
        opened = undefined;
        if (!left) fail(error, response);
      },
    );
  };
}
