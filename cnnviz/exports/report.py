"""A report of one network: a page that works offline."""


def report_page(network, look):
    return ""
