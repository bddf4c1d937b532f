"""Where PostgreSQL has pgvector, vectors can be searched by it; elsewhere nothing changes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    # Only where it is there already: to make an extension is the administrator's business, and the program
    # makes the table by itself once it is told to search there.
    if connection.dialect.name != "postgresql" or not connection.scalar(
        sa.text("SELECT 1 FROM pg_extension WHERE extname = 'vector' AND extversion >= '0.7'")
    ):
        return
    op.execute(
        """CREATE TABLE IF NOT EXISTS claim_near (
            vector_id BIGINT CONSTRAINT pk_claim_near PRIMARY KEY
                CONSTRAINT fk_claim_near_vector_id_claim_vector
                REFERENCES claim_vector (id) ON DELETE CASCADE,
            encoder VARCHAR(80) NOT NULL,
            near halfvec NOT NULL
        )"""
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TABLE IF EXISTS claim_near")
