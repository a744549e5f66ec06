-- "Which sign-ins failed?" is asked of the whole record: without it, the answer is somewhere in ten million rows.
CREATE INDEX "audit_logs_action_at_idx" ON "audit_logs"("action", "at");
