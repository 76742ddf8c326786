import { useState } from "preact/hooks";

/** Goes to a video by its position in the list, from 1. */
export function JumpTo({ total, jumped }: { readonly total: number; jumped(index: number): void }) {
  const [number, setNumber] = useState("");
  return (
    <form
      class="jump"
      onSubmit={(event) => {
        event.preventDefault();
        if (number !== "") jumped(Number(number) - 1);
      }}
    >
      <label>
        Jump to{" "}
        <input
          type="number"
          min={1}
          max={total}
          value={number}
          onInput={({ currentTarget }) => setNumber(currentTarget.value)}
        />
      </label>{" "}
      <button type="submit">Go</button>
    </form>
  );
}
