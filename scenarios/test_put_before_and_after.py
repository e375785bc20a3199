"""An object put from the console before the bucket policy, and refused after it."""


def test_before_the_policy_the_console_puts_an_object(lab, console):
    lab.reach(5)
    console.session.client("s3").put_object(Bucket=lab.bucket, Key="before.txt", Body=b"before")
    assert console.attempt("s3:PutObject", f"{lab.bucket}/before.txt").allowed


def test_after_the_policy_the_console_is_refused(lab, console, refused):
    lab.reach(6)
    with refused("AccessDenied"):
        console.session.client("s3").put_object(Bucket=lab.bucket, Key="after.txt", Body=b"after")
    assert console.attempt("s3:PutObject", f"{lab.bucket}/after.txt").denied


def test_what_was_put_before_is_read_over_the_endpoint(lab, console, host):
    lab.reach(5)
    console.session.client("s3").put_object(Bucket=lab.bucket, Key="before.txt", Body=b"before")
    lab.reach(7)
    assert host.check_output(f"aws s3 cp s3://{lab.bucket}/before.txt -") == "before"
