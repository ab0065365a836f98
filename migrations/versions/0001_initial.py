"""Lay the tables of the first release: people, money, competitions, applications, reviews, decisions, vouchers, plan.

Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('budget_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('kpkvk', sa.String(length=7), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('limit_kop', sa.BigInteger(), nullable=False),
    sa.Column('reserved_kop', sa.BigInteger(), nullable=False),
    sa.Column('spent_kop', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("source IN ('city', 'grant')", name=op.f('ck_budget_line_source_known')),
    sa.CheckConstraint('limit_kop >= 0 AND reserved_kop >= 0 AND spent_kop >= 0', name=op.f('ck_budget_line_not_negative')),
    sa.CheckConstraint('reserved_kop + spent_kop <= limit_kop', name=op.f('ck_budget_line_within_limit')),
    sa.ForeignKeyConstraint(['parent_id'], ['budget_line.id'], name=op.f('fk_budget_line_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_line')),
    sa.UniqueConstraint('code', name=op.f('uq_budget_line_code'))
    )
    op.create_table('catalogue_service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title_uk', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('minimum_consultants', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_service')),
    sa.UniqueConstraint('code', name=op.f('uq_catalogue_service_code'))
    )
    op.create_table('day_off',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_day_off'))
    )
    op.create_table('idempotency_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_key')),
    sa.UniqueConstraint('actor', 'key', name=op.f('uq_idempotency_key_actor_key'))
    )
    op.create_table('journal_entry',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=120), nullable=False),
    sa.Column('thing', sa.String(length=40), nullable=False),
    sa.Column('thing_code', sa.String(length=80), nullable=False),
    sa.Column('scope', sa.String(length=80), nullable=True),
    sa.Column('step', sa.String(length=60), nullable=False),
    sa.Column('from_state', sa.String(length=40), nullable=True),
    sa.Column('to_state', sa.String(length=40), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('request_id', sa.String(length=40), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('prev', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_journal_entry')),
    sa.UniqueConstraint('hash', name=op.f('uq_journal_entry_hash'))
    )
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.create_index('ix_journal_entry_scope', ['scope'], unique=False)
        batch_op.create_index('ix_journal_entry_thing_thing_code', ['thing', 'thing_code'], unique=False)

    op.create_table('journal_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_head'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('edrpou', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('short_name', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=False),
    sa.Column('nonprofit_code', sa.String(length=4), nullable=False),
    sa.Column('legal_address', sa.String(length=300), nullable=False),
    sa.Column('actual_address', sa.String(length=300), nullable=False),
    sa.Column('katottg', sa.String(length=19), nullable=False),
    sa.Column('head_name', sa.String(length=160), nullable=False),
    sa.Column('head_position', sa.String(length=120), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('contact_phone', sa.String(length=20), nullable=False),
    sa.Column('website', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('length(edrpou) = 8', name=op.f('ck_organisation_edrpou_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('edrpou', name=op.f('uq_organisation_edrpou'))
    )
    op.create_table('plan_measure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('occurrence', sa.Integer(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('responsible', sa.JSON(), nullable=False),
    sa.Column('period', sa.String(length=60), nullable=False),
    sa.Column('funding_sources', sa.JSON(), nullable=False),
    sa.Column('expected_results', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_measure')),
    sa.UniqueConstraint('number', 'occurrence', name=op.f('uq_plan_measure_number_occurrence')),
    sa.UniqueConstraint('position', name=op.f('uq_plan_measure_position'))
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=True),
    sa.Column('full_name', sa.String(length=160), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_sign_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_sign_ins', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_user_fs_uniquifier'))
    )
    op.create_table('budget_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('amount_kop', sa.BigInteger(), nullable=False),
    sa.Column('thing', sa.String(length=40), nullable=False),
    sa.Column('thing_code', sa.String(length=80), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('limit', 'reserve', 'release', 'spend', 'refund')", name=op.f('ck_budget_entry_kind_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_budget_entry_actor_id')),
    sa.ForeignKeyConstraint(['line_id'], ['budget_line.id'], name=op.f('fk_budget_entry_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_entry'))
    )
    with op.batch_alter_table('budget_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_budget_entry_line_id'), ['line_id'], unique=False)
        batch_op.create_index('ix_budget_entry_thing_thing_code', ['thing', 'thing_code'], unique=False)

    op.create_table('competition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('legal_basis', sa.Text(), nullable=False),
    sa.Column('who_may_apply', sa.Text(), nullable=False),
    sa.Column('what_is_paid', sa.Text(), nullable=False),
    sa.Column('contact', sa.String(length=300), nullable=False),
    sa.Column('intake_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('intake_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('scoring_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('results_by', sa.Date(), nullable=True),
    sa.Column('project_from', sa.Date(), nullable=True),
    sa.Column('project_until', sa.Date(), nullable=True),
    sa.Column('correction_days', sa.Integer(), nullable=False),
    sa.Column('own_share_min_bp', sa.Integer(), nullable=False),
    sa.Column('inkind_max_bp', sa.Integer(), nullable=False),
    sa.Column('registered_months_min', sa.Integer(), nullable=False),
    sa.Column('applications_per_organisation', sa.Integer(), nullable=False),
    sa.Column('category_ceilings', sa.JSON(), nullable=False),
    sa.Column('preset', sa.String(length=30), nullable=False),
    sa.Column('scoring_by', sa.String(length=12), nullable=False),
    sa.Column('experts_per_application', sa.Integer(), nullable=False),
    sa.Column('justification_min', sa.Integer(), nullable=False),
    sa.Column('divergence_bp', sa.Integer(), nullable=False),
    sa.Column('engine', sa.JSON(), nullable=False),
    sa.Column('rules_text', sa.Text(), nullable=True),
    sa.Column('rules_hash', sa.String(length=80), nullable=True),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('is_imported', sa.Boolean(), nullable=False),
    sa.Column('imported_header', sa.JSON(), nullable=True),
    sa.Column('copied_from_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('intake_closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("scoring_by IN ('experts', 'commission', 'both')", name=op.f('ck_competition_scoring_by_known')),
    sa.CheckConstraint("state != 'published' OR published_at IS NOT NULL", name=op.f('ck_competition_published_at_known')),
    sa.CheckConstraint("state = 'draft' OR state = 'cancelled' OR announced_at IS NOT NULL", name=op.f('ck_competition_announced_at_known')),
    sa.CheckConstraint('(rules_text IS NULL) = (rules_hash IS NULL)', name=op.f('ck_competition_rules_frozen_whole')),
    sa.CheckConstraint('intake_from IS NULL OR intake_until IS NULL OR intake_from < intake_until', name=op.f('ck_competition_intake_order')),
    sa.ForeignKeyConstraint(['copied_from_id'], ['competition.id'], name=op.f('fk_competition_copied_from_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_competition_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_competition')),
    sa.UniqueConstraint('code', name=op.f('uq_competition_code'))
    )
    op.create_table('consultant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('tax_code', sa.String(length=10), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_consultant_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultant')),
    sa.UniqueConstraint('code', name=op.f('uq_consultant_code')),
    sa.UniqueConstraint('user_id', name=op.f('uq_consultant_user_id'))
    )
    op.create_table('expert_profile',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('workplace', sa.String(length=300), nullable=False),
    sa.Column('workplace_edrpou', sa.String(length=8), nullable=False),
    sa.Column('fields_known', sa.JSON(), nullable=False),
    sa.Column('is_available', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_expert_profile_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_expert_profile')),
    sa.UniqueConstraint('code', name=op.f('uq_expert_profile_code'))
    )
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.Enum('ngo_head', 'ngo_member', 'ngo_accountant', 'secretary', 'organizer', 'expert', 'commission_member', 'chair', 'finance', 'voucher_operator', 'consultant', 'auditor', 'admin', name='role', native_enum=False, length=30), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['user.id'], name=op.f('fk_invitation_accepted_by_id')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_invitation_invited_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_invitation_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_invitation_token_digest'))
    )
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('arguments', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('progress_done', sa.Integer(), nullable=False),
    sa.Column('progress_total', sa.Integer(), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name=op.f('ck_job_status_known')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_job_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('code', name=op.f('uq_job_code'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_status', ['status'], unique=False)

    op.create_table('mailed_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("purpose IN ('confirm', 'password')", name=op.f('ck_mailed_link_purpose_known')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mailed_link_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailed_link')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_mailed_link_token_digest'))
    )
    with op.batch_alter_table('mailed_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mailed_link_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('ngo_head', 'ngo_member', 'ngo_accountant', 'secretary', 'organizer', 'expert', 'commission_member', 'chair', 'finance', 'voucher_operator', 'consultant', 'auditor', 'admin', name='role', native_enum=False, length=30), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('user_id', 'organisation_id', name=op.f('uq_membership_user_id_organisation_id'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_membership_head', ['organisation_id'], unique=True, sqlite_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"), postgresql_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"))

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('template', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('thing', sa.String(length=40), nullable=False),
    sa.Column('thing_code', sa.String(length=80), nullable=False),
    sa.Column('scope', sa.String(length=80), nullable=True),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['user.id'], name=op.f('fk_notice_recipient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('message_id', name=op.f('uq_notice_message_id'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_scope'), ['scope'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_sent_at'), ['sent_at'], unique=False)

    op.create_table('plan_indicator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('measure_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title_uk', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('target', sa.Integer(), nullable=True),
    sa.Column('per', sa.String(length=6), nullable=False),
    sa.Column('counted_by', sa.String(length=30), nullable=False),
    sa.CheckConstraint("per IN ('month', 'year', 'plan')", name=op.f('ck_plan_indicator_per_known')),
    sa.ForeignKeyConstraint(['measure_id'], ['plan_measure.id'], name=op.f('fk_plan_indicator_measure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_indicator')),
    sa.UniqueConstraint('code', name=op.f('uq_plan_indicator_code'))
    )
    with op.batch_alter_table('plan_indicator', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_indicator_measure_id'), ['measure_id'], unique=False)

    op.create_table('role_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('ngo_head', 'ngo_member', 'ngo_accountant', 'secretary', 'organizer', 'expert', 'commission_member', 'chair', 'finance', 'voucher_operator', 'consultant', 'auditor', 'admin', name='role', native_enum=False, length=30), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['granted_by_id'], ['user.id'], name=op.f('fk_role_grant_granted_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_role_grant_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant'))
    )
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_grant_user_id'), ['user_id'], unique=False)

    op.create_table('voucher_programme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('donor', sa.String(length=200), nullable=False),
    sa.Column('budget_line_id', sa.Integer(), nullable=False),
    sa.Column('face_kop', sa.BigInteger(), nullable=False),
    sa.Column('compensated_bp', sa.Integer(), nullable=False),
    sa.Column('validity_days', sa.Integer(), nullable=False),
    sa.Column('booking_days', sa.Integer(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('live_per_organisation', sa.Integer(), nullable=False),
    sa.Column('yearly_per_organisation', sa.Integer(), nullable=False),
    sa.Column('payee', sa.String(length=13), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("payee IN ('to_consultant', 'to_ngo')", name=op.f('ck_voucher_programme_payee_known')),
    sa.CheckConstraint('compensated_bp BETWEEN 1 AND 10000', name=op.f('ck_voucher_programme_share_sound')),
    sa.CheckConstraint('face_kop > 0', name=op.f('ck_voucher_programme_face_positive')),
    sa.ForeignKeyConstraint(['budget_line_id'], ['budget_line.id'], name=op.f('fk_voucher_programme_budget_line_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_voucher_programme_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voucher_programme')),
    sa.UniqueConstraint('code', name=op.f('uq_voucher_programme_code'))
    )
    op.create_table('commission_seat',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('office', sa.String(length=12), nullable=False),
    sa.CheckConstraint("office IN ('chair', 'deputy', 'member', 'secretary')", name=op.f('ck_commission_seat_office_known')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_commission_seat_competition_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_commission_seat_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commission_seat')),
    sa.UniqueConstraint('competition_id', 'user_id', name=op.f('uq_commission_seat_competition_id_user_id'))
    )
    with op.batch_alter_table('commission_seat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commission_seat_competition_id'), ['competition_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commission_seat_user_id'), ['user_id'], unique=False)

    op.create_table('criterion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('bands', sa.JSON(), nullable=False),
    sa.Column('minimum', sa.String(length=20), nullable=False),
    sa.Column('maximum', sa.String(length=20), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('weight', sa.String(length=20), nullable=False),
    sa.Column('pass_mark', sa.String(length=20), nullable=True),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_criterion_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criterion')),
    sa.UniqueConstraint('competition_id', 'code', name=op.f('uq_criterion_competition_id_code'))
    )
    with op.batch_alter_table('criterion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_criterion_competition_id'), ['competition_id'], unique=False)

    op.create_table('lot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('fund_kop', sa.BigInteger(), nullable=False),
    sa.Column('minimum_kop', sa.BigInteger(), nullable=True),
    sa.Column('maximum_kop', sa.BigInteger(), nullable=True),
    sa.Column('engine', sa.JSON(), nullable=False),
    sa.Column('budget_line_id', sa.Integer(), nullable=True),
    sa.Column('source_line_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('fund_kop >= 0', name=op.f('ck_lot_fund_not_negative')),
    sa.CheckConstraint('minimum_kop IS NULL OR maximum_kop IS NULL OR minimum_kop <= maximum_kop', name=op.f('ck_lot_limits_order')),
    sa.ForeignKeyConstraint(['budget_line_id'], ['budget_line.id'], name=op.f('fk_lot_budget_line_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_lot_competition_id')),
    sa.ForeignKeyConstraint(['source_line_id'], ['budget_line.id'], name=op.f('fk_lot_source_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot')),
    sa.UniqueConstraint('competition_id', 'code', name=op.f('uq_lot_competition_id_code'))
    )
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lot_competition_id'), ['competition_id'], unique=False)

    op.create_table('meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('scheduled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('place', sa.String(length=300), nullable=False),
    sa.Column('link', sa.String(length=300), nullable=False),
    sa.Column('quorum_parts', sa.Integer(), nullable=False),
    sa.Column('quorum_of', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'planned') = (opened_at IS NULL)", name=op.f('ck_meeting_opened_at_known')),
    sa.CheckConstraint("(state IN ('closed', 'signed')) = (closed_at IS NOT NULL)", name=op.f('ck_meeting_closed_at_known')),
    sa.CheckConstraint("kind IN ('room', 'online', 'mixed')", name=op.f('ck_meeting_kind_known')),
    sa.CheckConstraint('quorum_parts > 0 AND quorum_parts <= quorum_of', name=op.f('ck_meeting_quorum_is_a_share')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_meeting_competition_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_meeting_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting')),
    sa.UniqueConstraint('code', name=op.f('uq_meeting_code')),
    sa.UniqueConstraint('competition_id', 'number', name=op.f('uq_meeting_competition_id_number'))
    )
    op.create_table('plan_fact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('value >= 0', name=op.f('ck_plan_fact_value_not_negative')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_plan_fact_entered_by_id')),
    sa.ForeignKeyConstraint(['indicator_id'], ['plan_indicator.id'], name=op.f('fk_plan_fact_indicator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_fact'))
    )
    with op.batch_alter_table('plan_fact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_fact_indicator_id'), ['indicator_id'], unique=False)

    op.create_table('priority',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_priority_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_priority')),
    sa.UniqueConstraint('competition_id', 'code', name=op.f('uq_priority_competition_id_code'))
    )
    with op.batch_alter_table('priority', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_priority_competition_id'), ['competition_id'], unique=False)

    op.create_table('programme_service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('max_hours_milli', sa.BigInteger(), nullable=False),
    sa.Column('max_rate_kop', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['voucher_programme.id'], name=op.f('fk_programme_service_programme_id')),
    sa.ForeignKeyConstraint(['service_id'], ['catalogue_service.id'], name=op.f('fk_programme_service_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_service')),
    sa.UniqueConstraint('programme_id', 'service_id', name=op.f('uq_programme_service_programme_id_service_id'))
    )
    with op.batch_alter_table('programme_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_programme_service_programme_id'), ['programme_id'], unique=False)

    op.create_table('publication',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('bundle_text', sa.Text(), nullable=False),
    sa.Column('bundle_digest', sa.String(length=64), nullable=False),
    sa.Column('result_hash', sa.String(length=80), nullable=False),
    sa.Column('letters_count', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=False),
    sa.Column('complaints_until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_publication_competition_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_publication_published_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
    sa.UniqueConstraint('competition_id', name=op.f('uq_publication_competition_id'))
    )
    op.create_table('ranking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('rules_hash', sa.String(length=80), nullable=False),
    sa.Column('input_hash', sa.String(length=80), nullable=False),
    sa.Column('engine_version', sa.String(length=20), nullable=False),
    sa.Column('inputs_text', sa.Text(), nullable=False),
    sa.Column('trace', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.Column('balances', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_ranking_competition_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_ranking_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking'))
    )
    with op.batch_alter_table('ranking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ranking_competition_id'), ['competition_id'], unique=False)
        batch_op.create_index('uq_ranking_current', ['competition_id'], unique=True, sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))

    op.create_table('voucher',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('need', sa.Text(), nullable=False),
    sa.Column('self_assessment', sa.JSON(), nullable=False),
    sa.Column('face_kop', sa.BigInteger(), nullable=False),
    sa.Column('compensated_bp', sa.Integer(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by_id', sa.Integer(), nullable=False),
    sa.Column('answer_due', sa.Date(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.Column('book_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint("state NOT IN ('issued', 'booked', 'delivered', 'redeemed', 'expired') OR code IS NOT NULL", name=op.f('ck_voucher_issued_code')),
    sa.CheckConstraint('(code IS NULL) = (issued_at IS NULL)', name=op.f('ck_voucher_code_with_issue')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user.id'], name=op.f('fk_voucher_issued_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_voucher_organisation_id')),
    sa.ForeignKeyConstraint(['programme_id'], ['voucher_programme.id'], name=op.f('fk_voucher_programme_id')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_voucher_requested_by_id')),
    sa.ForeignKeyConstraint(['service_id'], ['catalogue_service.id'], name=op.f('fk_voucher_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voucher')),
    sa.UniqueConstraint('code', name=op.f('uq_voucher_code')),
    sa.UniqueConstraint('key', name=op.f('uq_voucher_key')),
    sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_voucher_programme_id_number'))
    )
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_voucher_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_voucher_programme_id'), ['programme_id'], unique=False)
        batch_op.create_index('ix_voucher_programme_id_state', ['programme_id', 'state'], unique=False)

    op.create_table('application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('register_number', sa.Integer(), nullable=True),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=True),
    sa.Column('priority_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('requested_kop', sa.BigInteger(), nullable=False),
    sa.Column('own_cash_kop', sa.BigInteger(), nullable=False),
    sa.Column('own_inkind_kop', sa.BigInteger(), nullable=False),
    sa.Column('other_kop', sa.BigInteger(), nullable=False),
    sa.Column('total_cost_kop', sa.BigInteger(), nullable=False),
    sa.Column('own_share_bp', sa.Integer(), nullable=False),
    sa.Column('smallest_kop', sa.BigInteger(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.Column('content_digest', sa.String(length=64), nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=True),
    sa.Column('review_count', sa.Integer(), nullable=False),
    sa.Column('score_micro', sa.BigInteger(), nullable=True),
    sa.Column('score_text', sa.String(length=30), nullable=True),
    sa.Column('criterion_means', sa.JSON(), nullable=False),
    sa.Column('imported_code', sa.String(length=80), nullable=True),
    sa.Column('imported_columns', sa.JSON(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state = 'draft' OR code IS NOT NULL", name=op.f('ck_application_code_given')),
    sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name=op.f('ck_application_submitted_at_known')),
    sa.CheckConstraint('requested_kop >= 0 AND total_cost_kop >= 0', name=op.f('ck_application_not_negative')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_application_competition_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_application_created_by_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_application_lot_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_application_organisation_id')),
    sa.ForeignKeyConstraint(['priority_id'], ['priority.id'], name=op.f('fk_application_priority_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['user.id'], name=op.f('fk_application_submitted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('code', name=op.f('uq_application_code')),
    sa.UniqueConstraint('competition_id', 'imported_code', name=op.f('uq_application_competition_id_imported_code')),
    sa.UniqueConstraint('competition_id', 'register_number', name=op.f('uq_application_competition_id_register_number')),
    sa.UniqueConstraint('key', name=op.f('uq_application_key'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_application_competition_id'), ['competition_id'], unique=False)
        batch_op.create_index('ix_application_competition_id_score_micro', ['competition_id', 'score_micro'], unique=False)
        batch_op.create_index('ix_application_competition_id_state', ['competition_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('office', sa.String(length=12), nullable=False),
    sa.Column('presence', sa.String(length=8), nullable=False),
    sa.Column('marked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('marked_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("office IN ('chair', 'deputy', 'member', 'secretary')", name=op.f('ck_attendance_office_known')),
    sa.CheckConstraint("presence IN ('room', 'online', 'absent')", name=op.f('ck_attendance_presence_known')),
    sa.ForeignKeyConstraint(['marked_by_id'], ['user.id'], name=op.f('fk_attendance_marked_by_id')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_attendance_meeting_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_attendance_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
    sa.UniqueConstraint('meeting_id', 'user_id', name=op.f('uq_attendance_meeting_id_user_id'))
    )
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attendance_user_id'), ['user_id'], unique=False)

    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=False),
    sa.Column('consultant_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('invoice_number', sa.String(length=40), nullable=False),
    sa.Column('invoice_day', sa.Date(), nullable=False),
    sa.Column('payee_iban', sa.String(length=29), nullable=False),
    sa.Column('copayment_proof', sa.String(length=200), nullable=False),
    sa.Column('eligible_kop', sa.BigInteger(), nullable=False),
    sa.Column('amount_kop', sa.BigInteger(), nullable=False),
    sa.Column('deciding_limit', sa.String(length=12), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_by_id', sa.Integer(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_by_id', sa.Integer(), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_by_id', sa.Integer(), nullable=True),
    sa.Column('payment_reference', sa.String(length=80), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f('ck_claim_paid_at_known')),
    sa.CheckConstraint("state NOT IN ('approved', 'paid') OR checked_by_id IS NOT NULL", name=op.f('ck_claim_checker_known')),
    sa.CheckConstraint('rating BETWEEN 1 AND 5', name=op.f('ck_claim_rating_sound')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user.id'], name=op.f('fk_claim_checked_by_id')),
    sa.ForeignKeyConstraint(['consultant_id'], ['consultant.id'], name=op.f('fk_claim_consultant_id')),
    sa.ForeignKeyConstraint(['paid_by_id'], ['user.id'], name=op.f('fk_claim_paid_by_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['user.id'], name=op.f('fk_claim_submitted_by_id')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_claim_voucher_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('consultant_id', 'invoice_number', name=op.f('uq_claim_consultant_id_invoice_number')),
    sa.UniqueConstraint('voucher_id', name=op.f('uq_claim_voucher_id'))
    )
    op.create_table('draw',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ranking_id', sa.Integer(), nullable=False),
    sa.Column('seed', sa.String(length=200), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('announced_by_id', sa.Integer(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('drawn_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(drawn_at IS NULL) = (drawn_by_id IS NULL)', name=op.f('ck_draw_drawn_whole')),
    sa.CheckConstraint('drawn_at IS NULL OR drawn_at > announced_at', name=op.f('ck_draw_announced_before')),
    sa.ForeignKeyConstraint(['announced_by_id'], ['user.id'], name=op.f('fk_draw_announced_by_id')),
    sa.ForeignKeyConstraint(['drawn_by_id'], ['user.id'], name=op.f('fk_draw_drawn_by_id')),
    sa.ForeignKeyConstraint(['ranking_id'], ['ranking.id'], name=op.f('fk_draw_ranking_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw')),
    sa.UniqueConstraint('ranking_id', name=op.f('uq_draw_ranking_id'))
    )
    op.create_table('minutes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chair_id', sa.Integer(), nullable=True),
    sa.Column('chair_signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('secretary_id', sa.Integer(), nullable=True),
    sa.Column('secretary_signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(chair_id IS NULL) = (chair_signed_at IS NULL)', name=op.f('ck_minutes_chair_signed_whole')),
    sa.CheckConstraint('(secretary_id IS NULL) = (secretary_signed_at IS NULL)', name=op.f('ck_minutes_secretary_signed_whole')),
    sa.CheckConstraint('chair_id IS NULL OR secretary_id IS NULL OR chair_id != secretary_id', name=op.f('ck_minutes_two_people')),
    sa.CheckConstraint('secretary_signed_at IS NULL OR chair_signed_at IS NOT NULL', name=op.f('ck_minutes_chair_signs_first')),
    sa.ForeignKeyConstraint(['chair_id'], ['user.id'], name=op.f('fk_minutes_chair_id')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_minutes_meeting_id')),
    sa.ForeignKeyConstraint(['secretary_id'], ['user.id'], name=op.f('fk_minutes_secretary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_minutes')),
    sa.UniqueConstraint('meeting_id', name=op.f('uq_minutes_meeting_id'))
    )
    op.create_table('service_act',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=False),
    sa.Column('consultant_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('hours_milli', sa.BigInteger(), nullable=False),
    sa.Column('total_kop', sa.BigInteger(), nullable=False),
    sa.Column('consultant_signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ngo_signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ngo_signed_by_id', sa.Integer(), nullable=True),
    sa.Column('content_digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['consultant_id'], ['consultant.id'], name=op.f('fk_service_act_consultant_id')),
    sa.ForeignKeyConstraint(['ngo_signed_by_id'], ['user.id'], name=op.f('fk_service_act_ngo_signed_by_id')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_service_act_voucher_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_act')),
    sa.UniqueConstraint('consultant_id', 'number', name=op.f('uq_service_act_consultant_id_number')),
    sa.UniqueConstraint('voucher_id', name=op.f('uq_service_act_voucher_id'))
    )
    op.create_table('service_scope',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=False),
    sa.Column('consultant_id', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('hours_milli', sa.BigInteger(), nullable=False),
    sa.Column('rate_kop', sa.BigInteger(), nullable=False),
    sa.Column('price_kop', sa.BigInteger(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ngo_signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ngo_signed_by_id', sa.Integer(), nullable=True),
    sa.Column('consultant_signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('content_digest', sa.String(length=64), nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_service_scope_days_order')),
    sa.ForeignKeyConstraint(['consultant_id'], ['consultant.id'], name=op.f('fk_service_scope_consultant_id')),
    sa.ForeignKeyConstraint(['ngo_signed_by_id'], ['user.id'], name=op.f('fk_service_scope_ngo_signed_by_id')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_service_scope_voucher_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_scope')),
    sa.UniqueConstraint('voucher_id', name=op.f('uq_service_scope_voucher_id'))
    )
    with op.batch_alter_table('service_scope', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_scope_consultant_id'), ['consultant_id'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_answer_application_id')),
    sa.ForeignKeyConstraint(['updated_by_id'], ['user.id'], name=op.f('fk_answer_updated_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('application_id', 'question', name=op.f('uq_answer_application_id_question'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_application_id'), ['application_id'], unique=False)

    op.create_table('assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('expert_id', sa.Integer(), nullable=True),
    sa.Column('expert_code', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assigned_by_id', sa.Integer(), nullable=True),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('conflict_reason', sa.Text(), nullable=True),
    sa.Column('doubted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_assignment_application_id')),
    sa.ForeignKeyConstraint(['assigned_by_id'], ['user.id'], name=op.f('fk_assignment_assigned_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_assignment_competition_id')),
    sa.ForeignKeyConstraint(['expert_id'], ['user.id'], name=op.f('fk_assignment_expert_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment')),
    sa.UniqueConstraint('application_id', 'expert_code', name=op.f('uq_assignment_application_id_expert_code'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignment_competition_id'), ['competition_id'], unique=False)
        batch_op.create_index('ix_assignment_competition_id_state', ['competition_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignment_expert_id'), ['expert_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_attachment_application_id')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user.id'], name=op.f('fk_attachment_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('code', name=op.f('uq_attachment_code'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_application_id'), ['application_id'], unique=False)

    op.create_table('award',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('requested_kop', sa.BigInteger(), nullable=False),
    sa.Column('rule_kop', sa.BigInteger(), nullable=False),
    sa.Column('proposed_kop', sa.BigInteger(), nullable=False),
    sa.Column('approved_kop', sa.BigInteger(), nullable=True),
    sa.Column('running_kop', sa.BigInteger(), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('departure', sa.String(length=10), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('reason_by_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(length=20), nullable=True),
    sa.Column('reserve_place', sa.Integer(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('notified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answer_reason', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'proposed') = (approved_at IS NULL)", name=op.f('ck_award_approved_at_known')),
    sa.CheckConstraint("(state = 'proposed') = (approved_kop IS NULL)", name=op.f('ck_award_approved_has_sum')),
    sa.CheckConstraint("(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", name=op.f('ck_award_answered_at_known')),
    sa.CheckConstraint("decision IS NULL OR decision IN ('awarded', 'reserve', 'not_awarded', 'below_pass_mark')", name=op.f('ck_award_decision_known')),
    sa.CheckConstraint("departure IS NULL OR departure IN ('amount', 'fund', 'skip')", name=op.f('ck_award_departure_known')),
    sa.CheckConstraint('(departure IS NULL) = (reason IS NULL)', name=op.f('ck_award_departure_has_reason')),
    sa.CheckConstraint('approved_kop IS NULL OR (approved_kop > 0 AND approved_kop <= requested_kop)', name=op.f('ck_award_approved_within')),
    sa.CheckConstraint('proposed_kop <= requested_kop', name=op.f('ck_award_proposed_within_request')),
    sa.CheckConstraint('proposed_kop = rule_kop OR departure IS NOT NULL', name=op.f('ck_award_departure_marked')),
    sa.CheckConstraint('rule_kop >= 0 AND proposed_kop >= 0', name=op.f('ck_award_not_negative')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_award_answered_by_id')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_award_application_id')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['user.id'], name=op.f('fk_award_approved_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_award_competition_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_award_lot_id')),
    sa.ForeignKeyConstraint(['reason_by_id'], ['user.id'], name=op.f('fk_award_reason_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award')),
    sa.UniqueConstraint('application_id', name=op.f('uq_award_application_id'))
    )
    with op.batch_alter_table('award', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_award_competition_id'), ['competition_id'], unique=False)
        batch_op.create_index('ix_award_competition_id_position', ['competition_id', 'position'], unique=False)

    op.create_table('complaint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filed_by_id', sa.Integer(), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_by_id', sa.Integer(), nullable=True),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'filed') = (decided_at IS NULL)", name=op.f('ck_complaint_decided_at_known')),
    sa.CheckConstraint('(decided_at IS NULL) = (answer IS NULL)', name=op.f('ck_complaint_answer_given')),
    sa.CheckConstraint('(number IS NULL) = (registered_at IS NULL)', name=op.f('ck_complaint_registered_whole')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id != filed_by_id', name=op.f('ck_complaint_two_people')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_complaint_application_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_complaint_competition_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_complaint_decided_by_id')),
    sa.ForeignKeyConstraint(['filed_by_id'], ['user.id'], name=op.f('fk_complaint_filed_by_id')),
    sa.ForeignKeyConstraint(['registered_by_id'], ['user.id'], name=op.f('fk_complaint_registered_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint')),
    sa.UniqueConstraint('code', name=op.f('uq_complaint_code')),
    sa.UniqueConstraint('competition_id', 'number', name=op.f('uq_complaint_competition_id_number'))
    )
    with op.batch_alter_table('complaint', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_complaint_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_complaint_competition_id'), ['competition_id'], unique=False)

    op.create_table('correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.Text(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('old_values', sa.JSON(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_by_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_correction_application_id')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user.id'], name=op.f('fk_correction_sent_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    sa.UniqueConstraint('application_id', name=op.f('uq_correction_application_id'))
    )
    op.create_table('formal_check_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('requirement', sa.String(length=60), nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('question', sa.String(length=60), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("verdict IN ('meets', 'defect', 'not_applicable')", name=op.f('ck_formal_check_item_verdict_known')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_formal_check_item_application_id')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user.id'], name=op.f('fk_formal_check_item_checked_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_formal_check_item')),
    sa.UniqueConstraint('application_id', 'requirement', name=op.f('uq_formal_check_item_application_id_requirement'))
    )
    with op.batch_alter_table('formal_check_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_formal_check_item_application_id'), ['application_id'], unique=False)

    op.create_table('project_budget_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=30), nullable=False),
    sa.Column('item', sa.String(length=300), nullable=False),
    sa.Column('unit', sa.String(length=40), nullable=False),
    sa.Column('qty_milli', sa.BigInteger(), nullable=False),
    sa.Column('price_kop', sa.BigInteger(), nullable=False),
    sa.Column('total_kop', sa.BigInteger(), nullable=False),
    sa.Column('city_kop', sa.BigInteger(), nullable=False),
    sa.Column('own_cash_kop', sa.BigInteger(), nullable=False),
    sa.Column('own_inkind_kop', sa.BigInteger(), nullable=False),
    sa.Column('other_kop', sa.BigInteger(), nullable=False),
    sa.Column('justification', sa.Text(), nullable=False),
    sa.CheckConstraint('city_kop >= 0 AND own_cash_kop >= 0 AND own_inkind_kop >= 0 AND other_kop >= 0', name=op.f('ck_project_budget_row_not_negative')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_project_budget_row_application_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_budget_row'))
    )
    with op.batch_alter_table('project_budget_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_budget_row_application_id'), ['application_id'], unique=False)

    op.create_table('ranking_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ranking_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('place_overall', sa.Integer(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('score_text', sa.String(length=40), nullable=True),
    sa.Column('score_exact', sa.Text(), nullable=True),
    sa.Column('score_micro', sa.BigInteger(), nullable=True),
    sa.Column('experts', sa.Integer(), nullable=False),
    sa.Column('tied_with', sa.JSON(), nullable=False),
    sa.Column('separated_by', sa.String(length=80), nullable=True),
    sa.Column('criteria', sa.JSON(), nullable=False),
    sa.Column('expert_totals', sa.JSON(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('strip', sa.Text(), nullable=False),
    sa.Column('marks_text', sa.Text(), nullable=False),
    sa.Column('spread_text', sa.String(length=40), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('rule_kop', sa.BigInteger(), nullable=False),
    sa.Column('running_kop', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("status != 'ranked' OR place IS NOT NULL", name=op.f('ck_ranking_line_ranked_has_place')),
    sa.CheckConstraint("status IN ('ranked', 'insufficient', 'below_pass_mark')", name=op.f('ck_ranking_line_status_known')),
    sa.CheckConstraint('rule_kop >= 0', name=op.f('ck_ranking_line_not_negative')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_ranking_line_application_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_ranking_line_lot_id')),
    sa.ForeignKeyConstraint(['ranking_id'], ['ranking.id'], name=op.f('fk_ranking_line_ranking_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_line')),
    sa.UniqueConstraint('ranking_id', 'application_id', name=op.f('uq_ranking_line_ranking_id_application_id')),
    sa.UniqueConstraint('ranking_id', 'position', name=op.f('uq_ranking_line_ranking_id_position'))
    )
    with op.batch_alter_table('ranking_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ranking_line_application_id'), ['application_id'], unique=False)

    op.create_table('submission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_submission_application_id')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_submission_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission'))
    )
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_submission_application_id'), ['application_id'], unique=False)

    op.create_table('agenda_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('draft', sa.Text(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.JSON(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seats_count', sa.Integer(), nullable=True),
    sa.Column('eligible_count', sa.Integer(), nullable=True),
    sa.Column('present_count', sa.Integer(), nullable=True),
    sa.Column('needed_count', sa.Integer(), nullable=True),
    sa.Column('for_count', sa.Integer(), nullable=True),
    sa.Column('against_count', sa.Integer(), nullable=True),
    sa.Column('abstain_count', sa.Integer(), nullable=True),
    sa.Column('chair_decided', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(kind = 'award') = (award_id IS NOT NULL)", name=op.f('ck_agenda_item_award_named')),
    sa.CheckConstraint("(state = 'waiting') = (opened_at IS NULL)", name=op.f('ck_agenda_item_opened_at_known')),
    sa.CheckConstraint("(state IN ('adopted', 'not_adopted')) = (closed_at IS NOT NULL AND for_count IS NOT NULL AND against_count IS NOT NULL AND abstain_count IS NOT NULL AND present_count IS NOT NULL)", name=op.f('ck_agenda_item_counted_when_closed')),
    sa.CheckConstraint("kind IN ('ranking', 'award', 'general')", name=op.f('ck_agenda_item_kind_known')),
    sa.CheckConstraint('for_count IS NULL OR for_count + against_count + abstain_count <= present_count', name=op.f('ck_agenda_item_count_within')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_agenda_item_award_id')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_agenda_item_meeting_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agenda_item')),
    sa.UniqueConstraint('meeting_id', 'number', name=op.f('uq_agenda_item_meeting_id_number'))
    )
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('recommendation', sa.String(length=12), nullable=True),
    sa.Column('recommended_kop', sa.BigInteger(), nullable=True),
    sa.Column('comment_applicant', sa.Text(), nullable=False),
    sa.Column('comment_secretary', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('total_text', sa.String(length=30), nullable=True),
    sa.Column('content_digest', sa.String(length=64), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("recommendation IS NULL OR recommendation IN ('fund', 'partly', 'refuse')", name=op.f('ck_review_recommendation_known')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_review_assignment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('assignment_id', name=op.f('uq_review_assignment_id'))
    )
    op.create_table('agenda_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_agenda_note_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_agenda_note_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agenda_note'))
    )
    with op.batch_alter_table('agenda_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agenda_note_item_id'), ['item_id'], unique=False)

    op.create_table('recusal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('declared_by_id', sa.Integer(), nullable=False),
    sa.Column('is_upheld', sa.Boolean(), nullable=True),
    sa.CheckConstraint("kind = 'challenge' OR is_upheld", name=op.f('ck_recusal_own_statement_counts')),
    sa.CheckConstraint("kind IN ('own', 'challenge')", name=op.f('ck_recusal_kind_known')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_recusal_application_id')),
    sa.ForeignKeyConstraint(['declared_by_id'], ['user.id'], name=op.f('fk_recusal_declared_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_recusal_item_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recusal_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recusal')),
    sa.UniqueConstraint('item_id', 'user_id', name=op.f('uq_recusal_item_id_user_id'))
    )
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recusal_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recusal_user_id'), ['user_id'], unique=False)

    op.create_table('review_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('replaced_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['replaced_by_id'], ['user.id'], name=op.f('fk_review_edition_replaced_by_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_edition_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_edition'))
    )
    with op.batch_alter_table('review_edition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_edition_review_id'), ['review_id'], unique=False)

    op.create_table('score',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('criterion_id', sa.Integer(), nullable=False),
    sa.Column('points', sa.String(length=20), nullable=True),
    sa.Column('mark_state', sa.String(length=10), nullable=False),
    sa.Column('justification', sa.Text(), nullable=False),
    sa.Column('imported_columns', sa.JSON(), nullable=True),
    sa.CheckConstraint("(points IS NOT NULL) = (mark_state = 'scored')", name=op.f('ck_score_points_match_state')),
    sa.ForeignKeyConstraint(['criterion_id'], ['criterion.id'], name=op.f('fk_score_criterion_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_score_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score')),
    sa.UniqueConstraint('review_id', 'criterion_id', name=op.f('uq_score_review_id_criterion_id'))
    )
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_score_review_id'), ['review_id'], unique=False)

    op.create_table('vote',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('choice', sa.String(length=8), nullable=False),
    sa.Column('cast_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("choice IN ('for', 'against', 'abstain')", name=op.f('ck_vote_choice_known')),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_vote_item_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_vote_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vote')),
    sa.UniqueConstraint('item_id', 'user_id', name=op.f('uq_vote_item_id_user_id'))
    )
    with op.batch_alter_table('vote', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vote_user_id'), ['user_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('vote', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vote_user_id'))

    op.drop_table('vote')
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_score_review_id'))

    op.drop_table('score')
    with op.batch_alter_table('review_edition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_edition_review_id'))

    op.drop_table('review_edition')
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recusal_user_id'))
        batch_op.drop_index(batch_op.f('ix_recusal_application_id'))

    op.drop_table('recusal')
    with op.batch_alter_table('agenda_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agenda_note_item_id'))

    op.drop_table('agenda_note')
    op.drop_table('review')
    op.drop_table('agenda_item')
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_submission_application_id'))

    op.drop_table('submission')
    with op.batch_alter_table('ranking_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ranking_line_application_id'))

    op.drop_table('ranking_line')
    with op.batch_alter_table('project_budget_row', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_budget_row_application_id'))

    op.drop_table('project_budget_row')
    with op.batch_alter_table('formal_check_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_formal_check_item_application_id'))

    op.drop_table('formal_check_item')
    op.drop_table('correction')
    with op.batch_alter_table('complaint', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_complaint_competition_id'))
        batch_op.drop_index(batch_op.f('ix_complaint_application_id'))

    op.drop_table('complaint')
    with op.batch_alter_table('award', schema=None) as batch_op:
        batch_op.drop_index('ix_award_competition_id_position')
        batch_op.drop_index(batch_op.f('ix_award_competition_id'))

    op.drop_table('award')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_application_id'))

    op.drop_table('attachment')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_assignment_expert_id'))
        batch_op.drop_index('ix_assignment_competition_id_state')
        batch_op.drop_index(batch_op.f('ix_assignment_competition_id'))
        batch_op.drop_index(batch_op.f('ix_assignment_application_id'))

    op.drop_table('assignment')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_application_id'))

    op.drop_table('answer')
    with op.batch_alter_table('service_scope', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_scope_consultant_id'))

    op.drop_table('service_scope')
    op.drop_table('service_act')
    op.drop_table('minutes')
    op.drop_table('draw')
    op.drop_table('claim')
    with op.batch_alter_table('attendance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attendance_user_id'))

    op.drop_table('attendance')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_application_organisation_id'))
        batch_op.drop_index('ix_application_competition_id_state')
        batch_op.drop_index('ix_application_competition_id_score_micro')
        batch_op.drop_index(batch_op.f('ix_application_competition_id'))

    op.drop_table('application')
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_index('ix_voucher_programme_id_state')
        batch_op.drop_index(batch_op.f('ix_voucher_programme_id'))
        batch_op.drop_index(batch_op.f('ix_voucher_organisation_id'))

    op.drop_table('voucher')
    with op.batch_alter_table('ranking', schema=None) as batch_op:
        batch_op.drop_index('uq_ranking_current', sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))
        batch_op.drop_index(batch_op.f('ix_ranking_competition_id'))

    op.drop_table('ranking')
    op.drop_table('publication')
    with op.batch_alter_table('programme_service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_programme_service_programme_id'))

    op.drop_table('programme_service')
    with op.batch_alter_table('priority', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_priority_competition_id'))

    op.drop_table('priority')
    with op.batch_alter_table('plan_fact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_fact_indicator_id'))

    op.drop_table('plan_fact')
    op.drop_table('meeting')
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lot_competition_id'))

    op.drop_table('lot')
    with op.batch_alter_table('criterion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_criterion_competition_id'))

    op.drop_table('criterion')
    with op.batch_alter_table('commission_seat', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commission_seat_user_id'))
        batch_op.drop_index(batch_op.f('ix_commission_seat_competition_id'))

    op.drop_table('commission_seat')
    op.drop_table('voucher_programme')
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_grant_user_id'))

    op.drop_table('role_grant')
    with op.batch_alter_table('plan_indicator', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_indicator_measure_id'))

    op.drop_table('plan_indicator')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_sent_at'))
        batch_op.drop_index(batch_op.f('ix_notice_scope'))

    op.drop_table('notice')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index('uq_membership_head', sqlite_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"), postgresql_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"))
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))
        batch_op.drop_index(batch_op.f('ix_membership_organisation_id'))

    op.drop_table('membership')
    with op.batch_alter_table('mailed_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mailed_link_user_id'))

    op.drop_table('mailed_link')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_status')

    op.drop_table('job')
    op.drop_table('invitation')
    op.drop_table('expert_profile')
    op.drop_table('consultant')
    op.drop_table('competition')
    with op.batch_alter_table('budget_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_budget_entry_thing_thing_code')
        batch_op.drop_index(batch_op.f('ix_budget_entry_line_id'))

    op.drop_table('budget_entry')
    op.drop_table('user')
    op.drop_table('plan_measure')
    op.drop_table('organisation')
    op.drop_table('journal_head')
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_entry_thing_thing_code')
        batch_op.drop_index('ix_journal_entry_scope')

    op.drop_table('journal_entry')
    op.drop_table('idempotency_key')
    op.drop_table('day_off')
    op.drop_table('catalogue_service')
    op.drop_table('budget_line')
