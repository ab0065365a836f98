"""Deepen the intake: forms as data with versions, signatures, late entries, marks, bulk steps, libraries, letters.

Revises: 0003
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letter_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('step', sa.String(length=60), nullable=False),
    sa.Column('scope', sa.String(length=80), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('is_set_aside', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_batch')),
    sa.UniqueConstraint('code', name=op.f('uq_letter_batch_code'))
    )
    op.create_index(op.f('ix_letter_batch_scope'), 'letter_batch', ['scope'], unique=False)
    op.create_table('letter_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('is_shipped', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_template')),
    sa.UniqueConstraint('name', 'lang', 'number', name=op.f('uq_letter_template_name_lang_number'))
    )
    op.create_table('governing_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('full_name', sa.String(length=160), nullable=False),
    sa.Column('office', sa.String(length=160), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_governing_person_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_governing_person'))
    )
    op.create_index(op.f('ix_governing_person_organisation_id'), 'governing_person', ['organisation_id'], unique=False)
    op.create_table('join_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('ngo_head', 'ngo_member', 'ngo_accountant', 'secretary', 'organizer', 'expert', 'commission_member', 'chair', 'finance', 'voucher_operator', 'consultant', 'auditor', 'admin', name='role', native_enum=False, length=30), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_join_request_decided_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_join_request_organisation_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_join_request_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_join_request')),
    sa.UniqueConstraint('code', name=op.f('uq_join_request_code'))
    )
    op.create_index(op.f('ix_join_request_organisation_id'), 'join_request', ['organisation_id'], unique=False)
    op.create_index(op.f('ix_join_request_user_id'), 'join_request', ['user_id'], unique=False)
    op.create_index('uq_join_request_open', 'join_request', ['organisation_id', 'user_id'], unique=True, sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
    op.create_table('organisation_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_document_organisation_id')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user.id'], name=op.f('fk_organisation_document_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_document')),
    sa.UniqueConstraint('code', name=op.f('uq_organisation_document_code'))
    )
    op.create_index(op.f('ix_organisation_document_organisation_id'), 'organisation_document', ['organisation_id'], unique=False)
    op.create_table('bulk_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('step', sa.String(length=30), nullable=False),
    sa.Column('applications', sa.JSON(), nullable=False),
    sa.Column('batch_code', sa.String(length=40), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('undo_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_bulk_step_competition_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_bulk_step_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_step')),
    sa.UniqueConstraint('code', name=op.f('uq_bulk_step_code'))
    )
    op.create_index(op.f('ix_bulk_step_competition_id'), 'bulk_step', ['competition_id'], unique=False)
    op.create_table('call_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('published_text', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('earlier', sa.JSON(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_call_question_answered_by_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_call_question_asked_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_call_question_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_question')),
    sa.UniqueConstraint('code', name=op.f('uq_call_question_code'))
    )
    op.create_index(op.f('ix_call_question_asked_by_id'), 'call_question', ['asked_by_id'], unique=False)
    op.create_index(op.f('ix_call_question_competition_id'), 'call_question', ['competition_id'], unique=False)
    op.create_table('call_amendment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('form_text', sa.Text(), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['begun_by_id'], ['user.id'], name=op.f('fk_call_amendment_begun_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_call_amendment_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_amendment')),
    sa.UniqueConstraint('competition_id', name=op.f('uq_call_amendment_competition_id'))
    )
    op.create_table('call_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('form_text', sa.Text(), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_call_version_by_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_call_version_competition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_version')),
    sa.UniqueConstraint('competition_id', 'number', name=op.f('uq_call_version_competition_id_number'))
    )
    op.create_index(op.f('ix_call_version_competition_id'), 'call_version', ['competition_id'], unique=False)
    op.create_table('application_flag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('other_thing', sa.String(length=40), nullable=False),
    sa.Column('other_code', sa.String(length=80), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('likeness_bp', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_flag_application_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_application_flag_decided_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_flag')),
    sa.UniqueConstraint('application_id', 'fingerprint', name=op.f('uq_application_flag_application_id_fingerprint')),
    sa.UniqueConstraint('code', name=op.f('uq_application_flag_code'))
    )
    op.create_index(op.f('ix_application_flag_application_id'), 'application_flag', ['application_id'], unique=False)
    op.create_table('draft_reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_draft_reminder_application_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_reminder')),
    sa.UniqueConstraint('application_id', 'kind', 'deadline', name=op.f('uq_draft_reminder_application_id_kind_deadline'))
    )
    op.create_index(op.f('ix_draft_reminder_application_id'), 'draft_reminder', ['application_id'], unique=False)
    op.create_table('late_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('secret_digest', sa.String(length=64), nullable=False),
    sa.Column('competition_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_by_id', sa.Integer(), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_late_entry_application_id')),
    sa.ForeignKeyConstraint(['competition_id'], ['competition.id'], name=op.f('fk_late_entry_competition_id')),
    sa.ForeignKeyConstraint(['given_by_id'], ['user.id'], name=op.f('fk_late_entry_given_by_id')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_late_entry_opened_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_late_entry_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_entry')),
    sa.UniqueConstraint('code', name=op.f('uq_late_entry_code')),
    sa.UniqueConstraint('secret_digest', name=op.f('uq_late_entry_secret_digest'))
    )
    op.create_index(op.f('ix_late_entry_application_id'), 'late_entry', ['application_id'], unique=False)
    op.create_index(op.f('ix_late_entry_competition_id'), 'late_entry', ['competition_id'], unique=False)
    op.create_index(op.f('ix_late_entry_organisation_id'), 'late_entry', ['organisation_id'], unique=False)
    op.create_table('presence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('page', sa.String(length=60), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_presence_application_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_presence_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_presence')),
    sa.UniqueConstraint('application_id', 'user_id', name=op.f('uq_presence_application_id_user_id'))
    )
    op.create_index(op.f('ix_presence_application_id'), 'presence', ['application_id'], unique=False)
    op.create_table('signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=15), nullable=False),
    sa.Column('content_digest', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('attachment_id', sa.Integer(), nullable=True),
    sa.Column('submission_id', sa.Integer(), nullable=True),
    sa.Column('signers', sa.JSON(), nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('verdict_note', sa.Text(), nullable=False),
    sa.CheckConstraint("mode IN ('confirm', 'second_factor', 'scan', 'qes')", name=op.f('ck_signature_mode_known')),
    sa.CheckConstraint("verdict IN ('valid', 'invalid', 'unknown')", name=op.f('ck_signature_verdict_known')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_signature_application_id')),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_signature_attachment_id')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_signature_by_id')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_signature_submission_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature'))
    )
    op.create_index(op.f('ix_signature_application_id'), 'signature', ['application_id'], unique=False)
    op.add_column('application', sa.Column('form_version', sa.Integer(), nullable=True))
    op.add_column('application', sa.Column('admission_proposal', sa.JSON(), nullable=True))
    op.add_column('application', sa.Column('checker_id', sa.Integer(), nullable=True))
    op.add_column('application', sa.Column('budget_digest', sa.String(length=64), nullable=True))
    op.add_column('agenda_item', sa.Column('decides', sa.String(length=12), server_default='', nullable=False))
    op.add_column('agenda_item', sa.Column('application_id', sa.Integer(), nullable=True))
    op.create_index(op.f('ix_agenda_item_application_id'), 'agenda_item', ['application_id'], unique=False)
    op.add_column('project_budget_row', sa.Column('least_kop', sa.BigInteger(), nullable=True))
    op.add_column('project_budget_row', sa.Column('is_gone', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index('uq_project_budget_row_position', 'project_budget_row', ['application_id', 'position'], unique=True)
    op.add_column('attachment', sa.Column('document_id', sa.Integer(), nullable=True))
    op.add_column('competition', sa.Column('form_text', sa.Text(), nullable=True))
    op.add_column('competition', sa.Column('form_version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('competition', sa.Column('signature_modes', sa.JSON(), server_default='["confirm"]', nullable=False))
    op.add_column('competition', sa.Column('seals_applications', sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column('competition', sa.Column('upload_grace_minutes', sa.Integer(), server_default='0', nullable=False))
    op.add_column('competition', sa.Column('admission_by', sa.String(length=12), server_default='secretary', nullable=False))
    op.add_column('notice', sa.Column('facts', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('notice', sa.Column('caused_by_id', sa.Integer(), nullable=True))
    op.add_column('notice', sa.Column('not_before', sa.DateTime(timezone=True), nullable=True))
    op.add_column('notice', sa.Column('batch_id', sa.Integer(), nullable=True))
    op.add_column('notice', sa.Column('digest_id', sa.Integer(), nullable=True))
    op.add_column('notice', sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_notice_batch_id'), 'notice', ['batch_id'], unique=False)
    op.create_index(op.f('ix_notice_caused_by_id'), 'notice', ['caused_by_id'], unique=False)
    op.add_column('organisation', sa.Column('nonprofit_decision', sa.String(length=120), server_default='', nullable=False))
    op.add_column('organisation', sa.Column('iban', sa.String(length=29), nullable=True))
    op.add_column('organisation', sa.Column('is_listed', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('organisation', sa.Column('listed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('organisation', sa.Column('about', sa.Text(), server_default='', nullable=False))
    op.add_column('organisation', sa.Column('fields', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('organisation', sa.Column('district', sa.String(length=80), server_default='', nullable=False))
    op.add_column('organisation', sa.Column('edrpou_reason', sa.Text(), nullable=True))
    op.add_column('organisation', sa.Column('edrpou_reason_by_id', sa.Integer(), nullable=True))
    op.add_column('organisation', sa.Column('is_imported', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('user', sa.Column('letters_by', sa.String(length=10), server_default='at_once', nullable=False))
    op.add_column('user', sa.Column('totp_sealed', sa.Text(), nullable=True))
    op.add_column('user', sa.Column('totp_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('user', sa.Column('totp_last_step', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('user', sa.Column('recovery_digests', sa.JSON(), server_default='[]', nullable=False))
    with op.batch_alter_table('work_certificate') as batch_op:
        batch_op.drop_constraint(op.f('uq_work_certificate_user_id_competition_id'), type_='unique')
    op.create_index('uq_work_certificate_in_force', 'work_certificate', ['user_id', 'competition_id'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
    _write_announced_forms()


def _write_announced_forms() -> None:
    """Calls announced before had the standard form of that day: it becomes their version 1, and later changes of the
    standard form do not reach them. Whatever was sent by then was sent under that version."""
    form = Path(__file__).with_name('0004_standard_form.json').read_text(encoding='utf-8').strip()
    names = ('title', 'summary', 'who_may_apply', 'what_is_paid', 'contact')
    competition = sa.table('competition', sa.column('id', sa.Integer), sa.column('announced_at', sa.DateTime(timezone=True)),
        sa.column('form_text', sa.Text), *(sa.column(name, sa.Text) for name in names))
    version = sa.table('call_version', sa.column('competition_id', sa.Integer), sa.column('number', sa.Integer),
        sa.column('form_text', sa.Text), sa.column('texts', sa.JSON), sa.column('reason', sa.Text), sa.column('changes', sa.JSON),
        sa.column('at', sa.DateTime(timezone=True)), sa.column('by_id', sa.Integer))
    connection = op.get_bind()
    announced = connection.execute(sa.select(competition).where(competition.c.announced_at.is_not(None),
        competition.c.form_text.is_(None))).mappings().all()
    for row in announced:
        connection.execute(version.insert().values(competition_id=row['id'], number=1, form_text=form,
            texts={name: row[name] for name in names}, reason='', changes=[], at=row['announced_at'], by_id=None))
        connection.execute(competition.update().where(competition.c.id == row['id']).values(form_text=form))
    connection.execute(sa.text('UPDATE application SET form_version = 1 WHERE submitted_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('uq_work_certificate_in_force', table_name='work_certificate', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
    # The older schema has room for one certificate of a person in a competition: the latest.
    op.execute('DELETE FROM work_certificate WHERE id NOT IN (SELECT MAX(id) FROM work_certificate GROUP BY user_id, competition_id)')
    with op.batch_alter_table('work_certificate') as batch_op:
        batch_op.create_unique_constraint(op.f('uq_work_certificate_user_id_competition_id'), ['user_id', 'competition_id'])
    op.drop_column('user', 'recovery_digests')
    op.drop_column('user', 'totp_last_step')
    op.drop_column('user', 'totp_since')
    op.drop_column('user', 'totp_sealed')
    op.drop_column('user', 'letters_by')
    op.drop_column('organisation', 'is_imported')
    op.drop_column('organisation', 'edrpou_reason_by_id')
    op.drop_column('organisation', 'edrpou_reason')
    op.drop_column('organisation', 'district')
    op.drop_column('organisation', 'fields')
    op.drop_column('organisation', 'about')
    op.drop_column('organisation', 'listed_at')
    op.drop_column('organisation', 'is_listed')
    op.drop_column('organisation', 'iban')
    op.drop_column('organisation', 'nonprofit_decision')
    op.drop_index(op.f('ix_notice_caused_by_id'), table_name='notice')
    op.drop_index(op.f('ix_notice_batch_id'), table_name='notice')
    op.drop_column('notice', 'withdrawn_at')
    op.drop_column('notice', 'digest_id')
    op.drop_column('notice', 'batch_id')
    op.drop_column('notice', 'not_before')
    op.drop_column('notice', 'caused_by_id')
    op.drop_column('notice', 'facts')
    op.drop_column('competition', 'admission_by')
    op.drop_column('competition', 'upload_grace_minutes')
    op.drop_column('competition', 'seals_applications')
    op.drop_column('competition', 'signature_modes')
    op.drop_column('competition', 'form_version')
    op.drop_column('competition', 'form_text')
    op.drop_column('attachment', 'document_id')
    op.drop_index('uq_project_budget_row_position', table_name='project_budget_row')
    op.drop_column('project_budget_row', 'is_gone')
    op.drop_column('project_budget_row', 'least_kop')
    op.drop_index(op.f('ix_agenda_item_application_id'), table_name='agenda_item')
    op.drop_column('agenda_item', 'application_id')
    op.drop_column('agenda_item', 'decides')
    op.drop_column('application', 'budget_digest')
    op.drop_column('application', 'checker_id')
    op.drop_column('application', 'admission_proposal')
    op.drop_column('application', 'form_version')
    op.drop_index(op.f('ix_signature_application_id'), table_name='signature')
    op.drop_table('signature')
    op.drop_index(op.f('ix_presence_application_id'), table_name='presence')
    op.drop_table('presence')
    op.drop_index(op.f('ix_late_entry_organisation_id'), table_name='late_entry')
    op.drop_index(op.f('ix_late_entry_competition_id'), table_name='late_entry')
    op.drop_index(op.f('ix_late_entry_application_id'), table_name='late_entry')
    op.drop_table('late_entry')
    op.drop_index(op.f('ix_draft_reminder_application_id'), table_name='draft_reminder')
    op.drop_table('draft_reminder')
    op.drop_index(op.f('ix_application_flag_application_id'), table_name='application_flag')
    op.drop_table('application_flag')
    op.drop_table('call_amendment')
    op.drop_index(op.f('ix_call_version_competition_id'), table_name='call_version')
    op.drop_table('call_version')
    op.drop_index(op.f('ix_call_question_competition_id'), table_name='call_question')
    op.drop_index(op.f('ix_call_question_asked_by_id'), table_name='call_question')
    op.drop_table('call_question')
    op.drop_index(op.f('ix_bulk_step_competition_id'), table_name='bulk_step')
    op.drop_table('bulk_step')
    op.drop_index(op.f('ix_organisation_document_organisation_id'), table_name='organisation_document')
    op.drop_table('organisation_document')
    op.drop_index('uq_join_request_open', table_name='join_request', sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f('ix_join_request_user_id'), table_name='join_request')
    op.drop_index(op.f('ix_join_request_organisation_id'), table_name='join_request')
    op.drop_table('join_request')
    op.drop_index(op.f('ix_governing_person_organisation_id'), table_name='governing_person')
    op.drop_table('governing_person')
    op.drop_table('letter_template')
    op.drop_index(op.f('ix_letter_batch_scope'), table_name='letter_batch')
    op.drop_table('letter_batch')
