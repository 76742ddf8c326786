// Imported first, and written for old Nodes: reports a Node that is too old, instead of failing with a syntax error.
const OLDEST = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    `Polyreel needs Node ${OLDEST.join(".")} or newer; this is ${process.versions.node}. Get it from https://nodejs.org/.`,
  );
  process.exit(1);
}
