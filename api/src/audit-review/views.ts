import { type Db, Prisma } from "@remote-claude/prisma";
import { AppError, type AuditView } from "@remote-claude/protocol";
import { storableText } from "../lib/storable.ts";

const mostViews = 50;

interface Given {
  readonly name?: string | undefined;
  readonly search?: string | undefined;
}

type Row = Prisma.AuditViewGetPayload<object>;

const present = ({ id, name, search, createdAt }: Row): AuditView => ({
  id,
  name,
  search,
  createdAt: createdAt.toISOString(),
});

export async function listViews(db: Db, userId: string): Promise<AuditView[]> {
  const rows = await db.auditView.findMany({ where: { userId }, orderBy: { name: "asc" } });
  return rows.map(present);
}

/** `quota_exceeded` beyond fifty; `conflict` where a view of theirs has the name. */
export function createView(
  db: Db,
  userId: string,
  { name, search }: { name: string; search: string },
): Promise<AuditView> {
  return named(() =>
    db.$transaction(async (transaction) => {
      // Whoever asks twice at once is counted one after the other.
      await transaction.$executeRaw`select 1 from users where id = ${userId}::uuid for update`;
      const count = await transaction.auditView.count({ where: { userId } });
      if (count >= mostViews) {
        throw new AppError("quota_exceeded", `You have ${mostViews} views already. Delete one first.`);
      }
      return present(
        await transaction.auditView.create({
          data: { userId, name: storableText(name), search: storableText(search) },
        }),
      );
    }),
  );
}

/** `not_found` for somebody else's. */
export function changeView(db: Db, userId: string, id: string, { name, search }: Given): Promise<AuditView> {
  return named(async () => {
    const [row] = await db.auditView.updateManyAndReturn({
      where: { id, userId },
      data: {
        ...(name !== undefined && { name: storableText(name) }),
        ...(search !== undefined && { search: storableText(search) }),
      },
    });
    return present(found(row));
  });
}

export async function deleteView(db: Db, userId: string, id: string): Promise<void> {
  const { count } = await db.auditView.deleteMany({ where: { id, userId } });
  found(count === 0 ? undefined : count);
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new AppError("not_found", "There is no such view.");
  return row;
}

async function named(act: () => Promise<AuditView>): Promise<AuditView> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")) throw error;
    throw new AppError("conflict", "You have a view of this name.");
  }
}
