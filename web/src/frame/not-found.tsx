import { Link } from "@tanstack/react-router";

export function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        The address may be cut off. <Link to="/batches">See all batches</Link>
      </p>
    </>
  );
}
