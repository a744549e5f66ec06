/** Runs both sides in turn, A B A B, so that a machine that is busier for a while is so for both. */
export async function rounds<A, B>(
  count: number,
  ours: () => Promise<A>,
  floor: () => Promise<B>,
): Promise<{ ours: A[]; floor: B[] }> {
  const results: { ours: A[]; floor: B[] } = { ours: [], floor: [] };
  for (let round = 0; round < count; round += 1) {
    results.ours.push(await ours());
    results.floor.push(await floor());
  }
  return results;
}
