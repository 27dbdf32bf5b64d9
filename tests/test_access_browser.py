"""A lab behind a proxy that says who is who, and one with a login, in a real Chromium."""

import re

import conftest
import pytest
from naming_proxy import naming_proxy
from oidc_provider import oidc_provider
from playwright.sync_api import expect
from training_requests import request
from visit import Visit

from cnnviz.training.files import open_store
from cnnviz.ui.session.access import FORWARDED

pytestmark = [pytest.mark.browser, pytest.mark.sweep]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app behind a proxy at 127.0.0.9, with a data directory of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("CNNVIZ_LOGIN", "proxy")
        patch.setenv("CNNVIZ_PROXY_NETWORKS", "127.0.0.9/32")
        patch.setenv("CNNVIZ_ADMINS", "teacher")
        patch.setenv(FORWARDED, "")
        yield from conftest.server.__wrapped__()


LINKS = "http://x.test www.x.test a@x.test [x](//x.test) <a href='//x.test'>x</a>"


def test_a_teacher_administers_and_a_student_trains(browser, server):
    job = open_store().submit(request(), key="1", owner="login:student", name=LINKS)
    with naming_proxy(server, "teacher") as desk, naming_proxy(server, "student") as bench:
        teacher, student = Visit(browser, desk), Visit(browser, bench)
        admin, training = teacher.page, student.page
        admin.goto(f"{desk}/?preset=lenet-5")
        admin.get_by_role("link", name="Admin").click()
        expect(admin.get_by_test_id("stMetric")).to_have_count(5)
        admin.get_by_role("button", name="Pause the queue").click()
        expect(admin.get_by_text("paused by teacher")).to_be_visible()

        training.goto(f"{bench}/?preset=lenet-5")
        expect(training.get_by_role("button", name="student")).to_be_visible()
        expect(training.get_by_role("link", name="Admin")).to_have_count(0)
        training.get_by_role("link", name="Training").click()
        expect(training.get_by_text("The queue is paused by an administrator")).to_be_visible()
        expect(training.get_by_text("Your runs")).to_be_visible()

        admin.get_by_role("button", name="Stop all").click()
        admin.get_by_role("button", name="Stop all of them").click()
        expect(admin.get_by_text("Done, and written to the log.").last).to_be_visible()
        expect(admin.get_by_test_id("stMetricValue").nth(1)).to_have_text("0 / 200")
        assert open_store().job(job.id).state == "cancelled"
        admin.goto(f"{desk}/training?preset=lenet-5&run={job.id}")
        expect(admin.get_by_role("heading", name="[x](//x.test)")).to_be_visible()
        assert admin.locator("a[href*='x.test']").count() == 0, "a name is no link"
        assert student.complaints == []
        teacher.context.close()
        student.context.close()


def test_whoever_goes_round_the_proxy_sees_one_sentence(browser, server):
    visit = Visit(browser, server, extra_http_headers={"X-Forwarded-User": "teacher"})
    visit.page.goto(server)
    expect(visit.page.get_by_text("The server does not know who you are.")).to_be_visible()
    expect(visit.page.get_by_role("link", name="Training")).to_have_count(0)
    visit.context.close()


def test_somebody_logs_in_and_out(browser, tmp_path, monkeypatch):
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setenv("CNNVIZ_LOGIN", "oidc")
    monkeypatch.setenv("CNNVIZ_ADMINS", "ada@lab.example")
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
    claims = {"sub": "7", "email": "ada@lab.example", "email_verified": True}
    with oidc_provider(**claims) as provider:
        for server in conftest.server.__wrapped__():
            secrets.write_text(  # read when it is first needed: now the port is known
                f"""[auth]
                redirect_uri = "{server}/oauth2callback"
                cookie_secret = "{"s" * 32}"
                client_id = "cnnviz"
                client_secret = "secret"
                server_metadata_url = "{provider}/.well-known/openid-configuration"
                """
            )
            page = browser.new_context(locale="en-US").new_page()
            page.goto(f"{server}/training?preset=lenet-5")
            expect(page.get_by_text("Log in to see networks and to train them.")).to_be_visible()
            expect(page.get_by_test_id("stMetric")).to_have_count(0)
            page.get_by_role("button", name="Log in").click()
            account = page.get_by_role("button", name=re.compile("^ada@"))
            expect(account).to_be_visible()
            page.get_by_role("button", name=re.compile("^[0-9]+ more$")).click()
            expect(page.get_by_role("menuitem", name="Admin")).to_be_visible()
            page.keyboard.press("Escape")
            account.click()
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
            page.context.close()
