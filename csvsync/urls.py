api_urls: list[object] = []
