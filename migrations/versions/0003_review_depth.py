"""Deepen the review: panels with invitations, register of conflicts, evidence, discussion, masked copies, advice.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('advice_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('input_hash', sa.String(length=80), nullable=False),
    sa.Column('engine_version', sa.String(length=20), nullable=False),
    sa.Column('stage', sa.String(length=10), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('zone', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("stage IN ('scoring', 'decision')", name=op.f('ck_advice_report_stage_known')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_advice_report_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_advice_report')),
    sa.UniqueConstraint('competition_id', name=op.f('uq_advice_report_competition_id'))
    )
    op.create_table('panel_invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('full_name', sa.String(length=160), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decline_reason', sa.Text(), nullable=False),
    sa.Column('agreement_digest', sa.String(length=64), nullable=True),
    sa.CheckConstraint("state != 'accepted' OR agreement_digest IS NOT NULL", name=op.f('ck_panel_invitation_agreement_signed')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_panel_invitation_competition_id')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_panel_invitation_invited_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_panel_invitation_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_invitation')),
    sa.UniqueConstraint('code', name=op.f('uq_panel_invitation_code')),
    sa.UniqueConstraint('competition_id', 'email', name=op.f('uq_panel_invitation_competition_id_email')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_panel_invitation_token_digest'))
    )
    op.create_index(op.f('ix_panel_invitation_competition_id'), 'panel_invitation', ['competition_id'], unique=False)
    op.create_index(op.f('ix_panel_invitation_user_id'), 'panel_invitation', ['user_id'], unique=False)

    op.create_table('work_certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('full_name', sa.String(length=160), nullable=False),
    sa.Column('review_count', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_work_certificate_competition_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_work_certificate_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_certificate')),
    sa.UniqueConstraint('code', name=op.f('uq_work_certificate_code')),
    sa.UniqueConstraint('user_id', 'competition_id', name=op.f('uq_work_certificate_user_id_competition_id'))
    )
    op.create_index(op.f('ix_work_certificate_competition_id'), 'work_certificate', ['competition_id'], unique=False)
    op.create_index(op.f('ix_work_certificate_user_id'), 'work_certificate', ['user_id'], unique=False)

    op.create_table('conflict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raised_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f('ck_conflict_decided_at_known')),
    sa.CheckConstraint("level IN ('block', 'review')", name=op.f('ck_conflict_level_known')),
    sa.CheckConstraint("source IN ('declared', 'found', 'raised')", name=op.f('ck_conflict_source_known')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_conflict_application_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_conflict_competition_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_conflict_decided_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_conflict_person_id')),
    sa.ForeignKeyConstraint(['raised_by_id'], ['user.id'], name=op.f('fk_conflict_raised_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict')),
    sa.UniqueConstraint('application_id', 'person_id', 'source', 'kind', name=op.f('uq_conflict_application_id_person_id_source_kind')),
    sa.UniqueConstraint('code', name=op.f('uq_conflict_code'))
    )
    op.create_index(op.f('ix_conflict_application_id'), 'conflict', ['application_id'], unique=False)
    op.create_index(op.f('ix_conflict_competition_id'), 'conflict', ['competition_id'], unique=False)
    op.create_index(op.f('ix_conflict_competition_id_person_id'), 'conflict', ['competition_id', 'person_id'], unique=False)
    op.create_index(op.f('ix_conflict_person_id'), 'conflict', ['person_id'], unique=False)

    op.create_table('discussion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=12), nullable=False),
    sa.Column('spread_text', sa.String(length=30), nullable=True),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('consensus', sa.JSON(), nullable=True),
    sa.Column('consensus_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_discussion_closed_at_known')),
    sa.CheckConstraint("reason IN ('divergence', 'asked')", name=op.f('ck_discussion_reason_known')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_discussion_application_id')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_discussion_closed_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_discussion_competition_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['user.id'], name=op.f('fk_discussion_lead_id')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_discussion_opened_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discussion')),
    sa.UniqueConstraint('application_id', name=op.f('uq_discussion_application_id'))
    )
    op.create_index(op.f('ix_discussion_competition_id'), 'discussion', ['competition_id'], unique=False)

    op.create_table('masked_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('source_digest', sa.String(length=64), nullable=False),
    sa.Column('is_approved', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_masked_answer_application_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_masked_answer_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_masked_answer')),
    sa.UniqueConstraint('application_id', 'question', name=op.f('uq_masked_answer_application_id_question'))
    )
    op.create_index(op.f('ix_masked_answer_application_id'), 'masked_answer', ['application_id'], unique=False)

    op.create_table('packet_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('expert_id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_codes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_packet_upload_competition_id')),
    sa.ForeignKeyConstraint(['expert_id'], ['user.id'], name=op.f('fk_packet_upload_expert_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_packet_upload')),
    sa.UniqueConstraint('code', name=op.f('uq_packet_upload_code')),
    sa.UniqueConstraint('competition_id', 'expert_id', 'digest', name=op.f('uq_packet_upload_competition_id_expert_id_digest'))
    )
    op.create_index(op.f('ix_packet_upload_competition_id'), 'packet_upload', ['competition_id'], unique=False)
    op.create_index(op.f('ix_packet_upload_expert_id'), 'packet_upload', ['expert_id'], unique=False)

    op.create_table('tie_statement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('expert_id', sa.Integer(), nullable=False),
    sa.Column('stated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tie_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_tie_statement_competition_id')),
    sa.ForeignKeyConstraint(['expert_id'], ['user.id'], name=op.f('fk_tie_statement_expert_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tie_statement')),
    sa.UniqueConstraint('competition_id', 'expert_id', name=op.f('uq_tie_statement_competition_id_expert_id'))
    )
    op.create_index(op.f('ix_tie_statement_competition_id'), 'tie_statement', ['competition_id'], unique=False)
    op.create_index(op.f('ix_tie_statement_expert_id'), 'tie_statement', ['expert_id'], unique=False)

    op.create_table('discussion_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('discussion_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_label', sa.String(length=80), nullable=False),
    sa.Column('visibility', sa.String(length=12), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('mentions', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("visibility IN ('panel', 'secretary', 'commission')", name=op.f('ck_discussion_message_visibility_known')),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_discussion_message_author_id')),
    sa.ForeignKeyConstraint(['discussion_id'], ['discussion.id'], name=op.f('fk_discussion_message_discussion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discussion_message')),
    sa.UniqueConstraint('code', name=op.f('uq_discussion_message_code'))
    )
    op.create_index(op.f('ix_discussion_message_discussion_id'), 'discussion_message', ['discussion_id'], unique=False)

    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('criterion_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=60), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_evidence_assignment_id')),
    sa.ForeignKeyConstraint(['criterion_id'], ['criterion.id'], name=op.f('fk_evidence_criterion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('assignment_id', 'criterion_id', 'question', 'start', name=op.f('uq_evidence_assignment_id_criterion_id_question_start')),
    sa.UniqueConstraint('code', name=op.f('uq_evidence_code'))
    )
    op.create_index(op.f('ix_evidence_assignment_id'), 'evidence', ['assignment_id'], unique=False)

    op.create_table('line_advice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('budget_row_id', sa.Integer(), nullable=False),
    sa.Column('city_kop', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint('city_kop >= 0', name=op.f('ck_line_advice_not_negative')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_line_advice_assignment_id')),
    sa.ForeignKeyConstraint(['budget_row_id'], ['project_budget_row.id'], name=op.f('fk_line_advice_budget_row_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_advice')),
    sa.UniqueConstraint('assignment_id', 'budget_row_id', name=op.f('uq_line_advice_assignment_id_budget_row_id'))
    )
    op.create_index(op.f('ix_line_advice_assignment_id'), 'line_advice', ['assignment_id'], unique=False)
    op.create_index(
        'ix_ranking_line_ranking_id_lot_id_position', 'ranking_line', ['ranking_id', 'lot_id', 'position'], unique=False
    )

    op.add_column('assignment', sa.Column('skipped_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('assignment', sa.Column('others_opened_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('assignment', sa.Column('is_extra', sa.Boolean(), nullable=False, server_default=sa.false()))

    # What was announced promised no more than that the commission sees a divergence: a rule that nobody announced must not
    # bind it afterwards. Drafts start with what new competitions start with.
    op.add_column('competition', sa.Column('divergence_rule', sa.String(length=12), nullable=False, server_default='none'))
    op.execute("UPDATE competition SET divergence_rule = 'discuss' WHERE rules_hash IS NULL")
    op.add_column('competition', sa.Column('blind_phases', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('competition', sa.Column('required_fields', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('competition', sa.Column('most_per_expert', sa.Integer(), nullable=True))
    op.add_column('competition', sa.Column('kept_experts', sa.Integer(), nullable=False, server_default='0'))

    op.add_column('expert_profile', sa.Column('away_from', sa.Date(), nullable=True))
    op.add_column('expert_profile', sa.Column('away_until', sa.Date(), nullable=True))
    op.add_column('expert_profile', sa.Column('most_applications', sa.Integer(), nullable=True))
    op.add_column('expert_profile', sa.Column('languages', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('expert_profile', sa.Column('organisations', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('expert_profile', sa.Column('address', sa.String(length=300), nullable=False, server_default=''))
    op.add_column('expert_profile', sa.Column('iban', sa.String(length=34), nullable=False, server_default=''))
    op.add_column('expert_profile', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))


def downgrade() -> None:
    op.drop_index('ix_ranking_line_ranking_id_lot_id_position', 'ranking_line')
    op.drop_column('expert_profile', 'version')
    op.drop_column('expert_profile', 'iban')
    op.drop_column('expert_profile', 'address')
    op.drop_column('expert_profile', 'organisations')
    op.drop_column('expert_profile', 'languages')
    op.drop_column('expert_profile', 'most_applications')
    op.drop_column('expert_profile', 'away_until')
    op.drop_column('expert_profile', 'away_from')
    op.drop_column('competition', 'kept_experts')
    op.drop_column('competition', 'most_per_expert')
    op.drop_column('competition', 'required_fields')
    op.drop_column('competition', 'blind_phases')
    op.drop_column('competition', 'divergence_rule')
    op.drop_column('assignment', 'is_extra')
    op.drop_column('assignment', 'others_opened_at')
    op.drop_column('assignment', 'skipped_at')


    op.drop_table('line_advice')
    op.drop_table('evidence')
    op.drop_table('discussion_message')
    op.drop_table('tie_statement')
    op.drop_table('packet_upload')
    op.drop_table('masked_answer')
    op.drop_table('discussion')
    op.drop_table('conflict')
    op.drop_table('work_certificate')
    op.drop_table('panel_invitation')
    op.drop_table('advice_report')
