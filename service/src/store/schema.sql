-- What is owed, and what was: a message to hand over, a registration to make, an answer to give.
--
-- The same text serves SQLite and PostgreSQL; {serial}, {key}, {octets} and {clustered} are what differs. Times are milliseconds since 1970.
CREATE TABLE task (
    seq            {serial},
    kind           TEXT NOT NULL,     -- message, registration or answer
    transaction_id {octets} NOT NULL, -- the 16 octets of the UUID
    number         BIGINT NOT NULL,   -- which of the answers to one message; else 0
    lane           TEXT NOT NULL,
    municipality   TEXT NOT NULL,
    operation      TEXT NOT NULL,
    code           TEXT,              -- of an answer: its ForretningsValideringsKode
    digest         {octets} NOT NULL, -- tells a repeat from another message, long after the document is erased
    accepted       BIGINT NOT NULL,
    since          BIGINT NOT NULL,
    attempts       BIGINT NOT NULL,
    standing       TEXT NOT NULL,
    due            BIGINT,
    ended          BIGINT,            -- NULL while it holds up its lane
    answer_due     BIGINT,            -- of a message that was delivered: when its answer is overdue
    answered       BIGINT,            -- of a message: when the last word on it came
    erased         BIGINT,            -- when its document was erased
    UNIQUE (transaction_id, kind, number)
);
-- Partial indices: what is done costs nothing more but its line in the one above.
CREATE INDEX task_open ON task (kind, lane, seq) WHERE ended IS NULL;
CREATE INDEX task_kept ON task (ended) WHERE ended IS NOT NULL AND erased IS NULL;
CREATE INDEX task_answer_due ON task (answer_due) WHERE answer_due IS NOT NULL;

-- The documents of tasks, apart from them: a task is written at each step of its way, and its document once.
CREATE TABLE document (
    seq     {key},
    content {octets} NOT NULL
);

-- A lane that has something open, and when its first task has something to do; NULL while that is held. To take a lane on is to move
-- its time to the end of the lease: where the holder dies, the lane becomes due by itself.
CREATE TABLE lane (
    kind         TEXT NOT NULL,
    lane         TEXT NOT NULL,
    municipality TEXT NOT NULL,
    due          BIGINT,
    PRIMARY KEY (kind, lane)
){clustered};
CREATE INDEX lane_due ON lane (kind, due) WHERE due IS NOT NULL;

-- How each attempt ended. One that is missing was never heard of again.
CREATE TABLE attempt (
    seq     BIGINT NOT NULL,
    number  BIGINT NOT NULL,
    begun   BIGINT NOT NULL,
    ended   BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    said    TEXT NOT NULL,
    PRIMARY KEY (seq, number)
){clustered};

-- The answers that came to messages that were sent.
CREATE TABLE received (
    seq      BIGINT NOT NULL,   -- of the message
    number   BIGINT NOT NULL,
    received BIGINT NOT NULL,
    code     TEXT NOT NULL,
    digest   {octets} NOT NULL,
    content  {octets},          -- the document; NULL once it is erased
    PRIMARY KEY (seq, number)
);
CREATE INDEX received_kept ON received (received) WHERE content IS NOT NULL;

-- Answers that were refused: to nothing that was sent, or for another municipality.
CREATE TABLE stray (
    received       BIGINT NOT NULL,
    transaction_id {octets} NOT NULL,
    municipality   TEXT NOT NULL,
    code           TEXT NOT NULL,
    why            TEXT NOT NULL
);
CREATE INDEX stray_received ON stray (received);

-- Who has looked at personal data, or decided by hand.
CREATE TABLE audit (
    at      BIGINT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    subject TEXT NOT NULL
);

-- What must not come twice while it is valid, whichever instance it comes to.
CREATE TABLE replay (
    id    TEXT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
){clustered};
CREATE INDEX replay_until ON replay (until);
