"use client";

import { type AdminUser, listUsers, type OrganisationRole, type UserStatus } from "@remote-claude/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { call } from "../../lib/api.ts";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { Section } from "../../settings/section.tsx";
import { ListFrame, SearchField } from "../list-parts.tsx";
import { usePages, useSettled } from "../use-pages.ts";
import { InvitationsSection } from "./invitations-section.tsx";
import { PersonRow } from "./person-row.tsx";

const roles = [
  ["all", "All roles"],
  ["admin", "Admins"],
  ["auditor", "Auditors"],
  ["member", "Members"],
] as const;

const statuses = [
  ["all", "Active and disabled"],
  ["active", "Active"],
  ["disabled", "Disabled"],
] as const;

const unlessAll = <Value extends string>(value: string) => (value === "all" ? undefined : (value as Value));

function usePeople(search: string, role: string, status: string) {
  return usePages(["admin-users", search, role, status], (after, signal) =>
    call(listUsers, {
      signal,
      query: {
        search,
        role: unlessAll<OrganisationRole>(role),
        status: unlessAll<UserStatus>(status),
        after,
      },
    }),
  );
}

/** Everybody who may sign in, and those who are invited to. */
export function PeopleSection() {
  const [search, setSearch] = useState("");
  const [role, setRole] = useState("all");
  const [status, setStatus] = useState("all");
  const { id } = useCurrentUser();
  const people = usePeople(useSettled(search.trim()), role, status);
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["admin-users"] });
  const shown: readonly AdminUser[] | null = people.data?.pages.flatMap(({ users }) => users) ?? null;
  return (
    <>
      <Section title="People" description="Who may sign in, what they are here, and what they spend.">
        <div className="flex flex-col gap-4">
          <div className="flex flex-wrap gap-2">
            <SearchField label="Search by name or address" value={search} onChange={setSearch} />
            <Choice label="Role" value={role} options={roles} onChange={setRole} />
            <Choice label="Status" value={status} options={statuses} onChange={setStatus} />
          </div>
          <ListFrame
            error={people.error}
            count={shown?.length ?? null}
            empty="Nobody is like that."
            more={people.hasNextPage}
            loadingMore={people.isFetchingNextPage}
            onMore={() => void people.fetchNextPage()}
          >
            <ul className="divide-y" aria-label="People">
              {shown?.map((person) => (
                <PersonRow key={person.id} person={person} you={person.id === id} onChanged={refresh} />
              ))}
            </ul>
          </ListFrame>
        </div>
      </Section>
      <InvitationsSection />
    </>
  );
}
