/** Lets the first call through, then at most one per interval. @param interval milliseconds. */
export function everyInterval(
  interval: number,
  show: (message: string) => void,
  now = () => performance.now(),
) {
  let last = Number.NEGATIVE_INFINITY;
  return (message: string): void => {
    const time = now();
    if (time - last < interval) return;
    last = time;
    show(message);
  };
}
