import "./confirm-dialog.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../ui/problem.js";

interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  /** To be typed before anything is done. */
  readonly word: string;
  /** What the button says. */
  readonly action: string;
  readonly error: unknown;
  readonly isPending: boolean;
  confirmed(): void;
  closed(): void;
}

/** Asks before what cannot be undone. The browser keeps the focus inside, and Escape closes it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, text, word, action, error, isPending, confirmed, closed } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={closed}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirmed();
        }}
      >
        <h2 id="confirm-title">{title}</h2>
        <p>{text}</p>
        <label>
          <span>
            Type <strong>{word}</strong> to go on
          </span>
          <input
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        {error ? <Problem error={error} /> : null}
        <div class="confirm-buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="submit" class="dangerous" disabled={typed !== word || isPending}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
